import type { Condition } from '../../../core/application/status.ts';
import { keyOf } from '../../../core/object/manifest/manifest.ts';
import { aboutObject, type Compared } from './compare.ts';

/** What people should know about a comparison: why it failed, and where the API server could not be asked. */
export function comparisonConditions(
  compared: readonly Compared[],
  fault: string | undefined,
): Pick<Condition, 'type' | 'message'>[] {
  const failed = fault ?? messageOf(compared, ({ problem }) => problem);
  const local = messageOf(compared, ({ desired, reason }) =>
    desired === undefined || reason === undefined ? undefined : aboutObject(keyOf(desired), reason),
  );
  return [
    ...(failed === undefined
      ? []
      : [{ type: 'ComparisonError', message: `Failed to compare desired state to live state: ${failed}` }]),
    ...(local === undefined
      ? []
      : [{ type: 'ComparisonWarning', message: `compared without a dry run: ${local}` }]),
  ];
}

/** The first message, and how many more there are. */
function messageOf(
  compared: readonly Compared[],
  read: (one: Compared) => string | undefined,
): string | undefined {
  const [first, ...more] = compared.flatMap((one) => read(one) ?? []);
  if (first === undefined || more.length === 0) return first;
  return `${first} (and ${more.length} more)`;
}
