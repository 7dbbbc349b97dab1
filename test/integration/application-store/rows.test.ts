import { afterAll, beforeAll, describe } from 'vitest';
import { createRowStore } from '../../../control/application/store/row-store.ts';
import type { DatabaseConnection } from '../../../db/client.ts';
import { openTestDatabase } from '../../support/keelson/database.ts';
import { testApplicationStore } from './contract.ts';

let connection: DatabaseConnection;

beforeAll(async () => {
  connection = await openTestDatabase();
});

afterAll(async () => {
  await connection?.close();
});

describe('applications as rows', () => {
  testApplicationStore(() => ({ store: createRowStore(connection.db), db: connection.db }), {
    deletionRequestedAt: null,
    finalizers: [],
  });
});
