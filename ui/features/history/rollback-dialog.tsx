import { type FormEvent, useState } from 'react';
import { automationOf } from '../../../core/application/automation/automation.ts';
import { shownRevisions } from '../../../core/application/source/revisions.ts';
import type { Application } from '../../../core/application/spec/spec.ts';
import { rollbackApplication } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Toggle } from '../../components/field.tsx';
import { FailureNotice, Notice } from '../../components/notice.tsx';
import { qualifiedName } from '../../model/application-name.ts';
import { useAction } from '../../state/use-action.ts';

type RollbackDialogProps = {
  readonly application: Application;
  /** Id of the deployment in the history. */
  readonly id: number;
  readonly onClose: () => void;
  readonly onStarted: (application: Application) => void;
};

/** Says what a rollback will do and starts it; automated sync would undo it at once, so it has to be off. */
export function RollbackDialog({ application, id, onClose, onStarted }: RollbackDialogProps) {
  const [prune, setPrune] = useState(false);
  const { busy, failure, run } = useAction();
  const name = qualifiedName(application);
  const isAutomated = automationOf(application.spec.syncPolicy) !== undefined;
  const deployed = application.status?.history?.find((entry) => entry.id === id);
  const revision = deployed === undefined ? undefined : shownRevisions(deployed);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => onStarted(await rollbackApplication(name, id, prune)));
  };
  return (
    <Dialog title={`Roll ${name} back to #${id}?`} shape="box" onClose={onClose}>
      <form onSubmit={submit}>
        <p className="delete-what">
          {revision === undefined
            ? 'Applies what that deployment had applied.'
            : `Applies revision ${revision} again as it was deployed then.`}{' '}
          Hooks do not run. The application is OutOfSync afterwards, until Git says the same.
        </p>
        {isAutomated ? (
          <Notice tone="warn" icon="warning">
            Automated sync is on and would undo the rollback at once; turn it off first.
          </Notice>
        ) : null}
        <Toggle checked={prune} onChange={setPrune} label="Delete objects that came later" />
        <FailureNotice failure={failure} />
        <div className="foot-row">
          <span className="spread" />
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="main" icon="history" busy={busy} disabled={isAutomated}>
            Roll back
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
