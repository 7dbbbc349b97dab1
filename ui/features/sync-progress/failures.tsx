import { formatKey } from '../../../core/object/key.ts';
import type { OperationView } from '../../../core/sync/operation.ts';
import { Icon } from '../../components/icon.tsx';
import { adviceFor } from './remedy.ts';
import { stagesOf } from './stages.ts';

/** What failed, why, and what to do: the operation as a whole first, then each object. */
export function Failures({ operation }: { readonly operation: OperationView }) {
  const failed = stagesOf(operation)
    .flatMap((stage) => stage.waves)
    .flatMap((wave) => wave.steps)
    .filter((step) => step.mark === 'failed');
  const broken = operation.phase === 'Failed' || operation.phase === 'Error';
  // The operation's message quotes the objects' own; below them it would only say everything twice.
  const quoted = failed.some((step) => step.message && operation.message.includes(step.message));
  const whole =
    operation.message !== '' && !quoted && (broken || failed.length > 0) ? operation.message : undefined;
  if (whole === undefined && failed.length === 0) {
    return operation.message === '' ? null : <p className="sync-note">{operation.message}</p>;
  }
  return (
    <ul className="failures" aria-label="Failures">
      {whole === undefined ? null : <Failure message={whole} />}
      {failed.map((step) => (
        <Failure
          key={step.step}
          object={formatKey(step.key)}
          note={step.hook ? ` (${step.phase} hook)` : ''}
          message={step.message || 'failed without a message; look at the object in the cluster'}
        />
      ))}
    </ul>
  );
}

type FailureProps = { readonly object?: string; readonly note?: string; readonly message: string };

function Failure({ object, note = '', message }: FailureProps) {
  // The subject is the line above; the message's own copy of it would only push the cause out of sight.
  const { what, remedy } = adviceFor(object === undefined ? message : message.replace(`${object}: `, ''));
  return (
    <li className="failure">
      <Icon name="cross" />
      <div>
        {object === undefined ? null : (
          <strong className="mono">
            {object}
            {note}
          </strong>
        )}
        <p>{what}</p>
        {remedy === undefined ? null : (
          <p className="failure-remedy">
            <span>What to do</span> {remedy}
          </p>
        )}
      </div>
    </li>
  );
}
