import { etagOf } from '../../core/application/etag.ts';
import { applicationManifest } from '../../core/application/manifest.ts';
import type { Application } from '../../core/application/spec/spec.ts';
import { KeelsonError } from '../../core/errors.ts';
import { getApplication } from '../../db/queries/application/application.ts';
import { completeApplications } from '../../db/queries/application/application-record.ts';
import type { ApiContext } from '../context.ts';
import { type Fields, readFields } from '../request/fields.ts';
import { partsFor } from './application-parts.ts';

/** An application as it is now; throws `not-found` when it is gone meanwhile. */
export async function showApplication(
  c: ApiContext,
  id: string,
  fields: Fields = readFields(undefined),
): Promise<Application> {
  const { db, config } = c.var.deps;
  const row = await getApplication(db, id);
  const [record] = await completeApplications(db, row === undefined ? [] : [row], partsFor(fields));
  if (record === undefined) throw new KeelsonError('not-found', 'application was deleted meanwhile');
  if (row !== undefined) c.header('etag', etagOf(row));
  return applicationManifest(record, config.controlPlaneNamespace);
}
