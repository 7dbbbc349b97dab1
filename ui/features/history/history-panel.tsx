import type { OperationView } from '../../../core/wire/operation.ts';
import { listOperations } from '../../api.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Icon } from '../../components/icon.tsx';
import { Loading, LoadTrouble } from '../../components/notice.tsx';
import { RevisionTag } from '../../components/revision-tag.tsx';
import { PhaseBadge } from '../../components/status.tsx';
import { Ago } from '../../components/time.tsx';
import { applicationPath } from '../../location.ts';
import { type Successor, successorOf } from '../../model/successor.ts';
import { Link } from '../../router.tsx';
import { durationText, spanOf } from '../../state/time-text.ts';
import { useLoad } from '../../state/use-load.ts';

const shownOperations = 50;

type HistoryPanelProps = {
  readonly name: string;
  readonly version: string | undefined;
  readonly onOpen: (operation: string) => void;
  readonly onRollback: (id: number) => void;
  readonly onClose: () => void;
};

/** Every operation, failed ones too, newest first. */
export function HistoryPanel({ name, version, onOpen, onRollback, onClose }: HistoryPanelProps) {
  const loaded = useLoad(`${name} ${version ?? ''}`, (signal) =>
    listOperations(name, shownOperations, signal),
  );
  const operations = loaded.value?.items ?? [];
  const current = operations.find((operation) => operation.historyId !== undefined)?.historyId;
  return (
    <Dialog
      title="History"
      subtitle={`The last operations of ${name}, failed ones too.`}
      shape="sheet"
      onClose={onClose}
    >
      {loaded.value === undefined && loaded.error === undefined ? <Loading what="history" /> : null}
      {loaded.error === undefined ? null : (
        <LoadTrouble what="The history" message={loaded.error} onRetry={loaded.reload} />
      )}
      {loaded.value !== undefined && operations.length === 0 ? (
        <div className="blank blank-small">
          <span className="blank-icon">
            <Icon name="history" size={28} />
          </span>
          <h2>No syncs yet</h2>
          <p>Every sync will be kept here with its plan, result and timings.</p>
        </div>
      ) : null}
      <ol className="history">
        {operations.map((operation) => (
          <HistoryEntry
            key={operation.id}
            operation={operation}
            isCurrent={operation.historyId === current}
            successor={successorOf(operation, operations)}
            onOpen={onOpen}
            onRollback={onRollback}
          />
        ))}
      </ol>
    </Dialog>
  );
}

type EntryProps = {
  readonly operation: OperationView;
  /** Whether this is what was deployed last. */
  readonly isCurrent: boolean;
  /** Who took over, where somebody did. */
  readonly successor: Successor | undefined;
  readonly onOpen: (id: string) => void;
  readonly onRollback: (id: number) => void;
};

/** What was asked for, in a word or two. */
function kindOf({ kind, request }: OperationView): string {
  if (kind === 'delete') return 'delete';
  if (request.rollbackTo !== undefined) return `rollback to #${request.rollbackTo}`;
  return request.dryRun ? 'dry run' : 'sync';
}

function HistoryEntry({ operation, isCurrent, successor, onOpen, onRollback }: EntryProps) {
  const { historyId } = operation;
  const span = spanOf(operation.startedAt, operation.finishedAt, Date.parse(operation.requestedAt));
  const { username, automated } = operation.initiatedBy;
  return (
    <li>
      <button type="button" className="history-entry" onClick={() => onOpen(operation.id)}>
        <span className="history-head">
          <PhaseBadge phase={operation.phase} />
          <span className="history-what">{kindOf(operation)}</span>
          <RevisionTag named={operation} />
          {operation.historyId === undefined ? null : (
            <span className="tag" title="Can be rolled back to">
              #{operation.historyId}
            </span>
          )}
          <span className="spread" />
          <span className="faint">
            <Ago time={operation.requestedAt} />
          </span>
        </span>
        <span className="history-facts faint">
          <span>
            <Icon name="user" size={13} /> {automated ? 'automated' : username || 'unknown'}
          </span>
          {operation.finishedAt === undefined || span === undefined ? null : (
            <span>took {durationText(span)}</span>
          )}
          {operation.attempt > 1 ? <span>{operation.attempt} attempts</span> : null}
        </span>
        {operation.message === '' ? null : <span className="history-message">{operation.message}</span>}
      </button>
      {successor === undefined ? null : (
        <p className="history-successor">
          Taken over by{' '}
          <Link
            to={applicationPath(`${operation.namespace}/${operation.application}`, {
              operation: successor.id,
            })}
          >
            {successor.text}
          </Link>
        </p>
      )}
      {historyId === undefined || isCurrent ? null : (
        <button type="button" className="text-button" onClick={() => onRollback(historyId)}>
          roll back to #{historyId}
        </button>
      )}
    </li>
  );
}
