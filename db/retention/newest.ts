import { sql } from 'drizzle-orm';
import { applications } from '../schema/application.ts';
import { operations } from '../schema/operation.ts';

/** Whether nothing came after an operation of an application that is there: its status shows that operation. */
export const isNewest = sql`(
  exists (select from ${applications} a where a.id = ${operations.applicationId})
  and not exists (select from ${operations} later where later.application_id = ${operations.applicationId}
    and later.kind = ${operations.kind} and later.requested_at > ${operations.requestedAt}))`;
