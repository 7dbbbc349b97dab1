import { expect, it } from 'vitest';
import { type Fault, openSweep, refusedThoughRight, sweepRequests } from '../support/hostile/api-sweep.ts';
import { startApi } from '../support/keelson/api/api.ts';

it('answers every hostile value in every place of every request with a reply that is no fault of the server', async () => {
  const server = await startApi();
  const refused: string[] = [];
  const send = await openSweep(server, (operation) => refused.push(operation));
  const faults: Fault[] = [];
  let sent = 0;
  for await (const request of sweepRequests(server)) {
    const fault = await send(request);
    sent += 1;
    if (fault !== undefined) faults.push(fault);
  }
  await server.close();
  process.stdout.write(`${sent} requests\n`);
  expect(faults).toEqual([]);
  expect(refused.filter((operation) => !refusedThoughRight.has(operation))).toEqual([]);
  expect(sent).toBeGreaterThan(10_000);
});
