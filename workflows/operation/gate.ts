import type { GroupRef } from '../messages.ts';
import { record } from '../proxies.ts';
import type { Passage } from './cluster.ts';

/** Waits until every gate before a group is open; days may pass, and the operation says what it waits for. */
export async function untilOpen(
  { hints, over, stop }: Pick<Passage, 'hints' | 'over' | 'stop'>,
  ref: GroupRef,
  position: number,
): Promise<void> {
  for (;;) {
    const gates = await record.passGates(ref);
    if (gates.state === 'open') return;
    stop?.boundary();
    await over.beforeWait({ group: position });
    const wait = () => hints.nudgedOrAfter(gates.recheckMilliseconds);
    await (stop === undefined ? wait() : stop.untilRequested(wait));
  }
}
