import { type FormEvent, useMemo, useState } from 'react';
import { hasMultipleSources, sourcesOf } from '../../../core/application/source/source.ts';
import type { ApplicationSource } from '../../../core/application/source/source-spec.ts';
import type { Application } from '../../../core/application/spec/spec.ts';
import { syncApplication } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Choice, Field, Toggle } from '../../components/field.tsx';
import { FailureNotice, Notice } from '../../components/notice.tsx';
import { sourceTitle } from '../../model/application-facts.ts';
import { qualifiedName } from '../../model/application-name.ts';
import type { Resource } from '../../model/resource.ts';
import { useAction } from '../../state/use-action.ts';
import { ResourceChecklist } from './resource-checklist.tsx';
import { draftOf, type SyncDraft, syncBodyOf, syncOptions, warningsOf } from './sync-draft.ts';

type SyncPanelProps = {
  readonly application: Application;
  /** Managed objects; children and hooks are not chosen by hand. */
  readonly resources: readonly Resource[];
  /** Ids chosen when the panel opens; undefined means every object. */
  readonly chosen?: ReadonlySet<string> | undefined;
  readonly onClose: () => void;
  readonly onStarted: (application: Application) => void;
};

/** Asks what exactly to sync and how, and starts it. */
export function SyncPanel({ application, resources, chosen, onClose, onStarted }: SyncPanelProps) {
  const name = qualifiedName(application);
  const sources = sourcesOf(application.spec);
  const spec = {
    targetRevisions: sources.map(({ targetRevision }) => targetRevision || 'HEAD'),
    several: hasMultipleSources(application.spec),
    syncOptions: application.spec.syncPolicy?.syncOptions ?? [],
  };
  const [draft, setDraft] = useState<SyncDraft>(() => ({
    ...draftOf(spec.targetRevisions, spec.syncOptions),
    chosen,
  }));
  const { busy, failure, run } = useAction();
  const byId = useMemo(() => new Map(resources.map((one) => [one.id, one.node])), [resources]);
  const nothing = draft.chosen !== undefined && draft.chosen.size === 0;
  const warnings = warningsOf(draft, resources.length);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => onStarted(await syncApplication(name, syncBodyOf(draft, byId, spec))));
  };
  return (
    <Dialog
      title={`Sync ${name}`}
      subtitle="Brings the cluster to what the revision says."
      shape="sheet"
      onClose={onClose}
      footer={
        <>
          {warnings.map((warning) => (
            <Notice key={warning} tone="warn" icon="warning">
              {warning}
            </Notice>
          ))}
          <FailureNotice failure={failure} />
          <div className="foot-row">
            <span className="spread" />
            <Button onClick={onClose}>Cancel</Button>
            <button
              type="submit"
              form="sync"
              className="button button-main"
              disabled={busy || nothing}
              aria-busy={busy}
            >
              {draft.dryRun ? 'Dry run' : 'Synchronize'}
            </button>
          </div>
        </>
      }
    >
      <form id="sync" onSubmit={submit}>
        <SyncSwitches draft={draft} sources={sources} onChange={setDraft} />
        <ResourceChecklist
          resources={resources}
          chosen={draft.chosen}
          onChange={(next) => setDraft({ ...draft, chosen: next })}
        />
      </form>
    </Dialog>
  );
}

type SwitchesProps = {
  readonly draft: SyncDraft;
  readonly sources: readonly ApplicationSource[];
  readonly onChange: (draft: SyncDraft) => void;
};

function SyncSwitches({ draft, sources, onChange }: SwitchesProps) {
  const set = (change: Partial<SyncDraft>) => onChange({ ...draft, ...change });
  return (
    <>
      <section className="form-block">
        {sources.map((source, position) => (
          <Field
            // biome-ignore lint/suspicious/noArrayIndexKey: sources are told apart by their position alone
            key={position}
            label={sources.length === 1 ? 'Revision' : `Revision of ${sourceTitle(source)}`}
            value={draft.revisions[position] ?? ''}
            hint={source.chart ? 'Version of the chart' : 'Branch, tag or commit'}
            onChange={(revision) => set({ revisions: draft.revisions.with(position, revision) })}
          />
        ))}
        <div className="form-toggles">
          <Toggle
            label="Prune"
            hint="Delete objects that left Git"
            checked={draft.prune}
            onChange={(prune) => set({ prune })}
          />
          <Toggle
            label="Dry run"
            hint="Only say what would happen"
            checked={draft.dryRun}
            onChange={(dryRun) => set({ dryRun })}
          />
          <Toggle
            label="Apply only"
            hint="Run no hooks"
            checked={draft.applyOnly}
            onChange={(applyOnly) => set({ applyOnly })}
          />
          <Toggle
            label="Force"
            hint="Recreate what cannot be patched"
            checked={draft.force}
            onChange={(force) => set({ force })}
          />
        </div>
      </section>
      <details className="form-block form-details">
        <summary>Options</summary>
        <div className="form-toggles">
          {syncOptions.map(({ option, text }) => (
            <Toggle
              key={option}
              label={text}
              checked={draft.options.has(option)}
              onChange={(on) => set({ options: withOption(draft.options, option, on) })}
            />
          ))}
          <Toggle label="Retry when it fails" checked={draft.retry} onChange={(retry) => set({ retry })} />
        </div>
        {draft.retry ? (
          <Field
            label="Retries"
            type="number"
            value={String(draft.retryLimit)}
            onChange={(text) => set({ retryLimit: Math.max(0, Math.trunc(Number(text) || 0)) })}
          />
        ) : null}
        <Choice
          label="Prune propagation"
          value={draft.propagation}
          options={[
            { value: 'foreground', text: 'Foreground' },
            { value: 'background', text: 'Background' },
            { value: 'orphan', text: 'Orphan' },
          ]}
          onChange={(propagation) => set({ propagation })}
        />
      </details>
    </>
  );
}

function withOption<T>(options: ReadonlySet<T>, option: T, on: boolean): ReadonlySet<T> {
  const next = new Set(options);
  if (on) next.add(option);
  else next.delete(option);
  return next;
}
