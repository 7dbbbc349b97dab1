import { issuesOfZod } from '../application/spec/shape-issue.ts';
import { withoutNulls } from '../application/spec/spec.ts';
import type { Condition } from '../application/status.ts';
import { homeHold } from '../home/conditions.ts';
import { formatIssues } from '../issue.ts';
import { AppProject } from './project.ts';
import { type GlobalProject, globalNamesOf, withGlobalProjects } from './rules/global.ts';
import type { ScopedCluster } from './rules/permits.ts';

/** A project as it is stored, which may be older than the rules by which projects are read. */
export type StoredProject = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: unknown;
  /** Clusters that are the project's own. */
  readonly clusters: readonly ScopedCluster[];
  /** What the mirroring of the home cluster has to say of it; nothing unless given. */
  readonly homeConditions?: readonly Condition[];
};

/** Why nobody can go by a project: there is none of its name, or what is stored of it can't be read. */
export type UnusableReason = 'missing' | 'unreadable';

/** A project with all that it inherits and the clusters that are its own, or why nobody can go by it. */
export type EffectiveProject =
  | {
      readonly usable: true;
      readonly project: AppProject;
      readonly clusters: readonly ScopedCluster[];
    }
  | { readonly usable: false; readonly reason: UnusableReason; readonly message: string };

/**
 * The project of a name as its applications have to go by it. A global project that it inherits from and that can't be
 * read makes it unusable, since its denials would be lost; one that isn't there adds nothing.
 */
export function effectiveProject(
  name: string,
  globals: readonly GlobalProject[],
  stored: ReadonlyMap<string, StoredProject>,
): EffectiveProject {
  const own = stored.get(name);
  if (own === undefined) return { usable: false, reason: 'missing', message: missingProject(name) };
  const read = readStored(own);
  if (read.fault !== undefined) return unreadable(`project ${name} can't be read: ${read.fault}`);
  const inherited: AppProject[] = [];
  for (const globalName of globalNamesOf(read.project, globals)) {
    const found = stored.get(globalName);
    const global = found === undefined ? undefined : readStored(found);
    if (global?.fault !== undefined) {
      return unreadable(
        `project ${name} inherits from the global project ${globalName}, which can't be read: ${global.fault}`,
      );
    }
    if (global !== undefined) inherited.push(global.project);
  }
  const project = withGlobalProjects(read.project, inherited);
  return { usable: true, project, clusters: own.clusters };
}

/** What is said of a project that isn't there, to its applications and to whoever writes one. */
export function missingProject(name: string): string {
  return `application references project ${name} which does not exist; create it or use "default"`;
}

type Read =
  | { readonly project: AppProject; readonly fault?: never }
  | { readonly fault: string; readonly project?: never };

/** Reads no more than the shape: each rule that can't be read refuses by itself. */
function readStored({ name, labels, spec, homeConditions = [] }: StoredProject): Read {
  const hold = homeHold({ homeConditions });
  if (hold !== undefined) return { fault: hold };
  const given = { apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata: { name, labels }, spec };
  const parsed = AppProject.safeParse(withoutNulls(given));
  return parsed.success
    ? { project: parsed.data }
    : { fault: formatIssues(issuesOfZod(parsed.error, given)) };
}

function unreadable(message: string): EffectiveProject {
  return { usable: false, reason: 'unreadable', message };
}
