/** Task queue of all workflows and of the short activities that only touch Postgres. */
export const syncQueue = 'sync';
/** Task queue of Git access and rendering. */
export const renderQueue = 'render';
/** Task queue of the looks and renders that somebody waits for: they don't queue behind hundreds of others. */
export const urgentQueue = 'urgent';
/** Task queue of everything that writes to clusters. */
export const applyQueue = 'apply';
/** Task queue on which session hosts take cluster leases. */
export const sessionQueue = 'session';

/** Task queue of the one host that holds a cluster's live cache: compare, settle and tree go there. */
export function clusterQueue(clusterId: string): `cluster/${string}` {
  return `cluster/${clusterId}`;
}

export function syncWorkflowId(applicationId: string, operationId: string): string {
  return `sync/${applicationId}/${operationId}`;
}

export function deleteWorkflowId(applicationId: string, operationId: string): string {
  return `delete/${applicationId}/${operationId}`;
}

export function clusterSessionWorkflowId(clusterId: string): string {
  return `cluster-session/${clusterId}`;
}

/** The one workflow that mirrors the objects of the home cluster. */
export const homeSessionWorkflowId = 'home-session';

/** Refreshes are spread over so many workflows: each renders what is waiting of its share, many at a time. */
export const refreshShards = 2;

/** The share that an application belongs to, by the first digit of its id. */
export function refreshShardOf(applicationId: string): number {
  return Number.parseInt(applicationId.slice(0, 1), 16) % refreshShards;
}

export function refreshWorkflowId(shard: number): string {
  return `refresh/${shard}`;
}

/** One question about a source. */
export function inspectWorkflowId(requestId: string): string {
  return `inspect/${requestId}`;
}

/** One action of several writes, by its row in the audit. */
export function actionWorkflowId(actionId: string): string {
  return `action/${actionId}`;
}

/** The scheduled revision check of all due repositories. */
export const refreshScheduleId = 'refresh-repositories';
export const refreshRepositoriesWorkflowId = 'refresh-repositories/run';

/** The check of one repository that was pushed to. */
export function refreshRepositoryWorkflowId(repositoryId: string): string {
  return `refresh-repository/${repositoryId}`;
}

/** What the id of a workflow says: its kind, and what of that kind it is about. */
export function subjectOfId(workflowId: string): { readonly kind: string; readonly subject: string } {
  const [kind = '', ...subject] = workflowId.split('/');
  return { kind, subject: subject.join('/') };
}
