export { clusterSession } from './cluster-session.ts';
export { deleteApplication } from './delete.ts';
export { refreshApplications, refreshRepositories } from './refresh.ts';
export { syncApplication } from './sync.ts';
