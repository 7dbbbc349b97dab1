import { applicationStatus, applications, dirty, resourceNodes } from './application.ts';
import { clusterSessions, clusters } from './cluster.ts';
import { homeSessions, homeSettings } from './home.ts';
import { homeDeletions, homeOperations } from './home-deletion.ts';
import { manifests, renders } from './manifest.ts';
import {
  appliedObjects,
  fences,
  heldSyncs,
  operations,
  packedOperations,
  plans,
  stepResults,
  successors,
  waits,
  workers,
} from './operation.ts';
import { projects } from './project.ts';
import { accountLogins, audit, changes, revokedTokens, settings } from './record.ts';
import {
  certificates,
  gpgKeys,
  repositories,
  repositoryTemplates,
  uploads,
  webhookDeliveries,
} from './repository.ts';

/** All tables, for the client and for migration generation. */
export const tables = {
  accountLogins,
  appliedObjects,
  applicationStatus,
  applications,
  audit,
  certificates,
  changes,
  clusterSessions,
  clusters,
  dirty,
  fences,
  gpgKeys,
  heldSyncs,
  homeDeletions,
  homeOperations,
  homeSessions,
  homeSettings,
  manifests,
  operations,
  packedOperations,
  plans,
  projects,
  renders,
  repositories,
  repositoryTemplates,
  resourceNodes,
  revokedTokens,
  settings,
  stepResults,
  successors,
  uploads,
  waits,
  webhookDeliveries,
  workers,
};
