import { z } from 'zod';
import { ownField } from '../../own-field.ts';
import type { AppProject } from '../project.ts';

/** One condition of a selector of labels. */
const Requirement = z.looseObject({
  key: z.string(),
  operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
  values: z.array(z.string()).optional(),
});
type Requirement = z.infer<typeof Requirement>;

/** A selector of labels, as Kubernetes has it; an empty one selects everything. */
export const LabelSelector = z.looseObject({
  matchLabels: z.record(z.string(), z.string()).optional(),
  matchExpressions: z.array(Requirement).optional(),
});
export type LabelSelector = z.infer<typeof LabelSelector>;

/** An entry of `globalProjects`: what its project permits and forbids, the projects that it selects inherit. */
export const GlobalProject = z.looseObject({
  projectName: z.string(),
  labelSelector: LabelSelector.default({}),
});
export type GlobalProject = z.infer<typeof GlobalProject>;

/** Whether labels fit a selector. */
export function selects(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, value]) => labelOf(labels, key) === value) &&
    matchExpressions.every((requirement) => holds(requirement, labelOf(labels, requirement.key)))
  );
}

function labelOf(labels: Readonly<Record<string, string>>, key: string): string | undefined {
  return ownField(labels, key);
}

function holds({ operator, values = [] }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

/** The names of the global projects that select a project, in the order of the setting. */
export function globalNamesOf(
  { metadata: { name, labels = {} } }: Pick<AppProject, 'metadata'>,
  globals: readonly GlobalProject[],
): string[] {
  return globals
    .filter((one) => one.projectName !== name && selects(one.labelSelector, labels))
    .map(({ projectName }) => projectName);
}

/** The global projects that a project inherits from, in the order of the setting. */
export function globalProjectsOf(
  project: Pick<AppProject, 'metadata'>,
  globals: readonly GlobalProject[],
  all: ReadonlyMap<string, AppProject>,
): AppProject[] {
  return globalNamesOf(project, globals).flatMap((name) => all.get(name) ?? []);
}

/** The lists that are inherited: each is the project's own followed by those of the global projects. */
export const inheritedLists = [
  'sourceRepos',
  'destinations',
  'clusterResourceWhitelist',
  'clusterResourceBlacklist',
  'namespaceResourceWhitelist',
  'namespaceResourceBlacklist',
  'syncWindows',
  'destinationServiceAccounts',
] as const;

/**
 * A project with what it inherits. An empty list of a global project adds nothing, where a list that isn't there means
 * everything.
 */
export function withGlobalProjects(project: AppProject, globals: readonly AppProject[]): AppProject {
  const lists = inheritedLists.flatMap((field) => {
    const more = globals.flatMap(({ spec }): unknown[] => spec[field] ?? []);
    return more.length === 0 ? [] : [[field, [...(project.spec[field] ?? []), ...more]] as const];
  });
  return { ...project, spec: { ...project.spec, ...Object.fromEntries(lists) } };
}
