import { expect, it } from 'vitest';
import { endPostgresUnderLoad } from '../support/hostile/postgres-restarts.ts';

it('no role ends with PostgreSQL, five times under writes, and nothing that was answered is lost', async () => {
  const seconds = await endPostgresUnderLoad(5);
  expect(seconds).toBeLessThan(25);
}, 300_000);
