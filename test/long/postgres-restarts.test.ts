import { it } from 'vitest';
import { endPostgresUnderLoad } from '../support/hostile/postgres-restarts.ts';

it('no role ends with PostgreSQL, twenty times under writes, and nothing that was answered is lost', async () => {
  await endPostgresUnderLoad(20);
}, 900_000);
