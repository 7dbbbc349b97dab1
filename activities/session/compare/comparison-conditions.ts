import type { SeenObject } from '../../../core/application/compared.ts';
import type { Condition } from '../../../core/application/status.ts';
import { keyOf } from '../../../core/object/manifest/manifest.ts';
import { someOf } from '../../../core/text/some-of.ts';
import { aboutObject } from './compare.ts';

/** What people should know about a comparison: why it failed, and where the API server could not be asked. */
export function comparisonConditions(
  compared: readonly SeenObject[],
  fault: string | undefined,
): Pick<Condition, 'type' | 'message'>[] {
  const failed = fault ?? messageOf(compared, ({ failure }) => failure?.problem);
  const local = messageOf(compared, ({ desired, verdict }) =>
    desired === undefined || verdict?.reason === undefined
      ? undefined
      : aboutObject(keyOf(desired), verdict.reason),
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
  compared: readonly SeenObject[],
  read: (one: SeenObject) => string | undefined,
): string | undefined {
  const messages = compared.flatMap((one) => read(one) ?? []);
  return messages.length === 0 ? undefined : someOf(messages, 1, { by: '; ' });
}
