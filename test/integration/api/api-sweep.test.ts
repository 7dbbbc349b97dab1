import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Fault, openSweep, refusedThoughRight, sweepRequests } from '../../support/hostile/api-sweep.ts';
import { startApi, type TestApi } from '../../support/keelson/api/api.ts';
import { randomFrom } from '../../support/random/random.ts';
import { seedsOf } from '../../support/random/seeds.ts';

/** Of some 33,000 requests; all of them are sent by the long form. */
const share = 0.07;

// What the requests of one seed have stored would make right ones of the next be refused.
let server: TestApi;
beforeEach(async () => {
  server = await startApi();
});
afterEach(() => server.close());

it.each(seedsOf('api sweep', 20_261_130))(
  'answers hostile values in every request with replies that are no fault of the server: seed %i',
  async (seed) => {
    const random = randomFrom(seed);
    const refused: string[] = [];
    const send = await openSweep(server, (operation) => refused.push(operation));
    const faults: Fault[] = [];
    let sent = 0;
    for await (const request of sweepRequests(server)) {
      if (request.goodFor === undefined && random() >= share) continue;
      sent += 1;
      const fault = await send(request);
      if (fault !== undefined) faults.push(fault);
    }
    expect(faults).toEqual([]);
    expect(refused.filter((operation) => !refusedThoughRight.has(operation))).toEqual([]);
    expect(sent).toBeGreaterThan(1500);
  },
);
