import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import { eq } from 'drizzle-orm';
import { formatJson, parseJson } from '../../../core/object/json/json.ts';
import type { OperationView } from '../../../core/wire/operation.ts';
import type { Database } from '../../client.ts';
import { packedOperations } from '../../schema/operation.ts';

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** What of an operation is told by rows of other tables. */
export type OperationDetails = Pick<
  OperationView,
  'failureGroups' | 'groups' | 'planDigest' | 'steps' | 'waits'
>;

/** Details as they are stored for good. */
export async function packDetails(details: OperationDetails): Promise<Buffer> {
  return await deflate(Buffer.from(formatJson(details), 'utf8'));
}

/** What was packed of an operation; undefined while its rows are there. */
export async function packedDetails(db: Database, id: string): Promise<OperationDetails | undefined> {
  const [row] = await db
    .select({ packed: packedOperations.packed })
    .from(packedOperations)
    .where(eq(packedOperations.operationId, id));
  if (row === undefined) return undefined;
  return parseJson((await inflate(row.packed)).toString('utf8')) as OperationDetails;
}
