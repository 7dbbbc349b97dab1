import { sameJson } from '../../object/json/canonical.ts';
import type { ProjectSpec } from '../project.ts';

/** A right that a change of a project needs beside the one to change the project. */
export type NeededRight = {
  readonly resource: 'clusters' | 'repositories';
  readonly action: 'update';
  readonly object: string;
};

const kindLists = [
  'clusterResourceWhitelist',
  'clusterResourceBlacklist',
  'namespaceResourceWhitelist',
  'namespaceResourceBlacklist',
] as const satisfies readonly (keyof ProjectSpec)[];

/**
 * What whoever changes a project has to be allowed beside that: to update each cluster and repository that it names and
 * did not name before, and each cluster that it names where the kinds are others.
 */
export function rightsForChange(before: ProjectSpec, after: ProjectSpec): NeededRight[] {
  const clusters = kindLists.every((list) => sameJson(before[list], after[list]))
    ? without(clustersOf(after), clustersOf(before))
    : clustersOf(after);
  const repositories = without(after.sourceRepos ?? [], before.sourceRepos ?? []);
  return [...rightsTo('clusters', clusters), ...rightsTo('repositories', repositories)];
}

function clustersOf({ destinations = [] }: ProjectSpec): string[] {
  return destinations.map(({ server = '', name = '' }) => (server === '' ? name : server));
}

function without(all: readonly string[], known: readonly string[]): string[] {
  return all.filter((one) => !known.includes(one));
}

function rightsTo(resource: NeededRight['resource'], objects: readonly string[]): NeededRight[] {
  return [...new Set(objects)].map((object) => ({ resource, action: 'update', object }));
}
