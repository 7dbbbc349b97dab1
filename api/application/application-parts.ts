import type { ShownColumn } from '../../db/queries/application/application-list.ts';
import type { RecordParts } from '../../db/queries/application/application-record.ts';
import type { Fields } from '../request/fields.ts';

const revisions = ['status.sync.revision', 'status.sync.revisions'];
const sourceTypes = ['status.sourceType', 'status.sourceTypes'];

/** Where the JSON form of an application tells what a column holds. */
const shownAt: Readonly<Record<ShownColumn, readonly string[]>> = {
  id: ['metadata.uid'],
  homeUid: ['metadata.uid'],
  homeConditions: ['status.conditions'],
  namespace: ['metadata.namespace'],
  name: ['metadata.name'],
  project: [],
  labels: ['metadata.labels'],
  annotations: ['metadata.annotations'],
  finalizers: ['metadata.finalizers'],
  spec: ['spec', 'status.sync.comparedTo', ...revisions, ...sourceTypes],
  specGeneration: ['metadata.generation'],
  resourceVersion: ['metadata.resourceVersion'],
  createdAt: ['metadata.creationTimestamp'],
  deletionRequestedAt: ['metadata.deletionTimestamp'],
  deletionFailure: ['status.conditions'],
  desiredRevision: revisions,
  renderError: ['status.conditions'],
  syncStatus: ['status.sync.status'],
  healthStatus: ['status.health.status'],
  healthMessage: ['status.health.message'],
  conditions: ['status.conditions'],
  resources: ['status.resources'],
  summary: ['status.summary'],
  sourceTypes,
  reconciledAt: ['status.reconciledAt'],
};

/** What of an application has to be read for the wanted fields. */
export function partsFor(fields: Fields): RecordParts {
  const columns = Object.entries(shownAt).flatMap(([column, paths]) =>
    paths.some((path) => fields.wants(path)) ? [column as ShownColumn] : [],
  );
  return {
    columns,
    sync: fields.wants('operation') || fields.wants('status.operationState'),
    written: fields.wants('status.operationState.syncResult'),
    history: fields.wants('status.history'),
  };
}
