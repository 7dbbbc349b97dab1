import { type WritePurpose, writersFor } from '../../core/project/roles/writer.ts';
import {
  type JudgedApplication,
  type ObjectRefusal,
  objectRefusal,
} from '../../core/project/rules/refusal.ts';
import { getCluster } from '../../db/queries/cluster/cluster.ts';
import type { OperationState } from '../../db/queries/operation/operation-state.ts';
import { findEffectiveProject } from '../../db/queries/project/effective-project.ts';
import type { ApplyDeps } from '../deps.ts';

/** What an operation may do on its cluster at this moment, and not only when it was planned. */
export type Warrant = {
  /** Why an object may be neither written nor deleted; undefined where it may. */
  readonly refusalOf: ObjectRefusal;
  /** Whether nothing at all may be done, so that what is to be deleted is no exception that stays. */
  readonly isClosed: boolean;
  /** The account that objects are written as; undefined for the identity of the cluster. */
  readonly account: string | undefined;
};

type WarrantDeps = Pick<ApplyDeps, 'db' | 'homeNamespace' | 'settings'>;

/** Reads what an operation may do: the project may have changed while its plan waited. */
export function warrantOf(
  deps: WarrantDeps,
  {
    operation: { kind, spec },
    namespace = deps.homeNamespace,
  }: Pick<OperationState, 'namespace' | 'operation'>,
  clusterId: string,
): Promise<Warrant> {
  return warrantFor(deps, { spec, namespace, purpose: kind === 'sync' ? 'sync' : 'deletion' }, clusterId);
}

/** Reads what may be done for an application by one spec of it. */
export async function warrantFor(
  deps: WarrantDeps,
  { spec, namespace, purpose }: JudgedApplication & { readonly purpose: WritePurpose },
  clusterId: string,
): Promise<Warrant> {
  const [project, cluster] = await Promise.all([
    findEffectiveProject(deps, spec.project),
    getCluster(deps.db, clusterId),
  ]);
  const ground = { project, cluster };
  const judged = { namespace, spec };
  const settings = deps.settings.current();
  // What the destination may not have is refused object by object.
  const writer = writersFor[purpose](settings, deps.homeNamespace, ground, judged);
  const whole = writer.refusal ?? (project.usable ? undefined : project.message);
  if (whole !== undefined) return { refusalOf: () => whole, isClosed: true, account: undefined };
  return { refusalOf: objectRefusal(ground), isClosed: false, account: writer.account };
}
