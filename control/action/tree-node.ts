import { KeelsonError } from '../../core/errors.ts';
import { formatKey, type ResourceKey, sameKey } from '../../core/object/key.ts';
import type { TreeNode } from '../../core/wire/tree.ts';
import type { Database } from '../../db/client.ts';
import { type ApplicationRow, listTreeNodes } from '../../db/queries/application/application.ts';
import type { ProjectReader } from '../../db/queries/project/effective-project.ts';
import { reachOf } from './reach.ts';
import { findWritten } from './written-node.ts';

/** An application whose objects are looked at. */
type Holder = Pick<ApplicationRow, 'clusterId' | 'id' | 'name' | 'project'>;

/**
 * The node of an object in an application's tree as its cluster session last saw it; throws for one that isn't there, and
 * for one out of its project's reach, so that nothing else of the cluster can be asked for.
 */
export async function requireTreeNode(
  reader: ProjectReader,
  application: Holder,
  key: ResourceKey,
): Promise<TreeNode> {
  await requireReach(reader, application, key);
  const node = await findNode(reader.db, application, key);
  if (node === undefined) throw notPartOf(application, key);
  return node;
}

/** The version of an object that is there: in the tree, or since the tree was stored. */
export async function requireLiveNode(
  reader: ProjectReader,
  application: Holder,
  key: ResourceKey,
): Promise<Pick<TreeNode, 'version'>> {
  await requireReach(reader, application, key);
  const node = await findNode(reader.db, application, key);
  // A missing object is in the tree without a uid.
  const isLive = node?.uid !== undefined && node.uid !== '';
  const found = isLive ? node : await findWritten(reader.db, application.id, key);
  if (found === undefined) throw notPartOf(application, key);
  return found;
}

/** What is said of an object that an application hasn't. */
export function notPartOf({ name }: { readonly name: string }, key: ResourceKey): KeelsonError {
  return new KeelsonError(
    'invalid-argument',
    `${formatKey(key)} not found as part of application ${name}; refresh the application`,
  );
}

async function requireReach(reader: ProjectReader, application: Holder, key: ResourceKey): Promise<void> {
  const reaches = await reachOf(reader, application);
  if (!reaches(key)) throw notPartOf(application, key);
}

async function findNode(db: Database, { id }: Holder, key: ResourceKey): Promise<TreeNode | undefined> {
  return (await listTreeNodes(db, id)).find((one) => sameKey(one, key));
}
