/** Words of a comparison's outcome. */
export const syncStatuses = ['Synced', 'OutOfSync', 'Unknown'] as const;
/** Whether the cluster agrees with the source. */
export type SyncStatus = (typeof syncStatuses)[number];

/** Health words from best to worst; an application has the worst one of its objects. */
export const healthStatuses = [
  'Healthy',
  'Suspended',
  'Progressing',
  'Missing',
  'Degraded',
  'Unknown',
] as const;
/** One of the health words. */
export type HealthStatus = (typeof healthStatuses)[number];

/** The tools that can render a source. */
export const sourceTypes = ['Helm', 'Kustomize', 'Directory', 'Plugin'] as const;
/** The tool that renders a source. */
export type SourceType = (typeof sourceTypes)[number];
