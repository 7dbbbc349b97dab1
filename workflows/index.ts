export { runAction } from './action.ts';
export { clusterSession } from './cluster-session.ts';
export { deleteApplication } from './delete.ts';
export { homeSession } from './home-session.ts';
export { inspectSource } from './inspect.ts';
export { refreshApplications, refreshRepositories, refreshRepository } from './refresh.ts';
export { syncApplication } from './sync.ts';
