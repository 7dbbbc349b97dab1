import { type FormEvent, useState } from 'react';
import { stringify } from 'yaml';
import type { Application } from '../../../core/application/spec/spec.ts';
import { sameJson } from '../../../core/object/json/canonical.ts';
import { optionWarnings } from '../../../core/sync/options/option-places.ts';
import { createApplication } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { FailureNotice, Notice } from '../../components/notice.tsx';
import { qualifiedName } from '../../model/application-name.ts';
import { useAction } from '../../state/use-action.ts';
import { ApplicationForm } from './application-form.tsx';
import { applicationOf, type Draft, emptyDraft, issuesByField } from './draft.ts';
import { checked, draftOfText, parsed } from './read-draft.ts';

type PanelProps = { readonly onClose: () => void; readonly onCreated: (name: string) => void };

/** Makes an application by a form or as YAML; what is wrong is said before and by the server, all at once. */
export function NewApplicationPanel({ onClose, onCreated }: PanelProps) {
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  const [yaml, setYaml] = useState<string>();
  const [warnings, setWarnings] = useState<readonly string[]>([]);
  const { busy, failure, run, fail } = useAction();
  const { byField, others } = issuesByField(failure?.issues ?? []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      const application = yaml === undefined ? applicationOf(draft) : parsed(yaml);
      const found = warningsOf(checked(application));
      setWarnings(found);
      // Who has read them and asks again means it.
      if (!sameJson(found, warnings)) return;
      const created = await createApplication(application);
      onCreated(qualifiedName(created));
    });
  };
  const switchView = () => {
    fail(undefined);
    if (yaml === undefined) return setYaml(stringify(applicationOf(draft)));
    void run(async () => {
      setDraft(draftOfText(yaml, draft));
      setYaml(undefined);
    });
  };
  const rest = yaml === undefined && failure !== undefined ? { ...failure, issues: others } : failure;
  const allInFields =
    yaml === undefined && failure !== undefined && failure.issues.length > 0 && others.length === 0;
  return (
    <Dialog
      title="New application"
      subtitle="Ties a folder or chart in Git to a namespace in a cluster."
      shape="sheet"
      onClose={onClose}
      footer={
        <>
          <FailureNotice failure={allInFields ? undefined : rest} />
          {failure === undefined ? <Warnings warnings={warnings} /> : null}
          {allInFields ? <p className="field-error">Some fields above need a change.</p> : null}
          <div className="foot-row">
            <Button look="quiet" onClick={switchView}>
              {yaml === undefined ? 'Edit as YAML' : 'Back to the form'}
            </Button>
            <span className="spread" />
            <Button onClick={onClose}>Cancel</Button>
            <button
              type="submit"
              form="new-application"
              className="button button-main"
              disabled={busy}
              aria-busy={busy}
            >
              {submitText(busy, warnings)}
            </button>
          </div>
        </>
      }
    >
      <form id="new-application" onSubmit={submit} noValidate>
        {yaml === undefined ? (
          <ApplicationForm draft={draft} errors={byField} onChange={setDraft} />
        ) : (
          <textarea
            className="yaml"
            aria-label="Application as YAML"
            spellCheck={false}
            value={yaml}
            onChange={(event) => setYaml(event.target.value)}
          />
        )}
      </form>
    </Dialog>
  );
}

function Warnings({ warnings }: { readonly warnings: readonly string[] }) {
  return warnings.map((warning) => (
    <Notice key={warning} tone="warn" icon="warning">
      {warning}
    </Notice>
  ));
}

function submitText(busy: boolean, warnings: readonly string[]): string {
  // A worker reads the repository, which takes a while for a large one.
  if (busy) return 'Checking …';
  return warnings.length === 0 ? 'Create' : 'Create all the same';
}

function warningsOf({ spec }: Application): readonly string[] {
  return optionWarnings(spec.syncPolicy?.syncOptions ?? []);
}
