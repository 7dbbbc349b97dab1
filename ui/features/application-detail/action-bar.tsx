import type { Application } from '../../../core/application/spec/spec.ts';
import { refreshApplication, terminateOperation } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { FailureNotice } from '../../components/notice.tsx';
import { qualifiedName } from '../../model/application-name.ts';
import { useAction } from '../../state/use-action.ts';

type PanelName = 'sync' | 'diff' | 'history' | 'delete';

type ActionBarProps = {
  readonly application: Application;
  readonly running: boolean;
  readonly onPanel: (panel: PanelName) => void;
  readonly onChanged: (application: Application) => void;
};

/** What can be done with the application. */
export function ActionBar({ application, running, onPanel, onChanged }: ActionBarProps) {
  const name = qualifiedName(application);
  const refresh = useAction();
  const hardRefresh = useAction();
  const terminate = useAction();
  const terminating = application.status?.operationState?.phase === 'Terminating';
  return (
    <>
      <div className="actions" role="toolbar" aria-label="Actions">
        {running ? (
          <Button
            icon="stop"
            look="danger"
            busy={terminate.busy}
            disabled={terminating}
            onClick={() => void terminate.run(async () => void (await terminateOperation(name)))}
          >
            {terminating ? 'Terminating' : 'Terminate'}
          </Button>
        ) : (
          <Button icon="sync" look="main" onClick={() => onPanel('sync')}>
            Sync
          </Button>
        )}
        <Button
          icon="refresh"
          busy={refresh.busy}
          title="Compare with Git again"
          onClick={() => void refresh.run(async () => onChanged(await refreshApplication(name, 'normal')))}
        >
          Refresh
        </Button>
        <Button
          icon="refresh"
          busy={hardRefresh.busy}
          title="Render again without the cache, then compare"
          onClick={() => void hardRefresh.run(async () => onChanged(await refreshApplication(name, 'hard')))}
        >
          Hard refresh
        </Button>
        <Button icon="diff" onClick={() => onPanel('diff')}>
          Diff
        </Button>
        <Button icon="history" onClick={() => onPanel('history')}>
          History
        </Button>
        <Button icon="trash" look="quiet" onClick={() => onPanel('delete')}>
          Delete
        </Button>
      </div>
      <FailureNotice failure={terminate.failure ?? refresh.failure ?? hardRefresh.failure} />
    </>
  );
}
