import { openWaits, type StepProgress } from '../../../core/sync/progress.ts';
import type { OperationView } from '../../../core/wire/operation.ts';
import { Icon } from '../../components/icon.tsx';
import { failedObjects, quotesFailures } from './model/failed-objects.ts';
import { type Advice, adviceFor } from './model/remedy.ts';

type FailuresProps = {
  readonly operation: OperationView;
  /** Its steps that failed. */
  readonly failed: readonly StepProgress[];
};

/** What failed, why, and what to do: the operation as a whole first, then the objects by their cause. */
export function Failures({ operation, failed }: FailuresProps) {
  const broken = operation.phase === 'Failed' || operation.phase === 'Error';
  // The wait for an attempt says why the last one failed.
  const told = openWaits(operation).some(({ kind }) => kind === 'retry');
  const quoted = quotesFailures(failed, operation.message);
  const whole = quoted || told || !(broken || failed.length > 0) ? '' : operation.message;
  if (whole === '' && failed.length === 0) {
    return operation.message === '' || told ? null : <p className="sync-note">{operation.message}</p>;
  }
  return (
    <ul className="failures" aria-label="Failures">
      {whole === '' ? null : <Failure advice={adviceFor(whole)} objects={[]} />}
      {failedObjects(failed).map(({ objects, ...advice }) => (
        <Failure key={objects.join()} advice={advice} objects={objects} />
      ))}
    </ul>
  );
}

type FailureProps = { readonly objects: readonly string[]; readonly advice: Advice };

function Failure({ objects, advice: { what, remedy } }: FailureProps) {
  return (
    <li className="failure">
      <Icon name="cross" />
      <div>
        {objects.map((object) => (
          <strong className="mono failure-object" key={object}>
            {object}
          </strong>
        ))}
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
