import { type EffectiveProject, effectiveProject, type StoredProject } from '../effective.ts';
import { type GlobalProject, globalNamesOf } from '../rules/global.ts';
import {
  type Permission,
  type PermitObject,
  permitsDestination,
  permitsKind,
  permitsObject,
  permitsSource,
  permitsSourceNamespace,
  type ScopedCluster,
} from '../rules/permits.ts';

/** All projects with the setting that says which of them the others inherit from. */
export type Projects = {
  readonly stored: ReadonlyMap<string, StoredProject>;
  readonly globals: readonly GlobalProject[];
};

/** An application as the rules of its project see it. */
export type GovernedApplication = {
  readonly project: string;
  readonly name: string;
  readonly namespace: string;
  /** Addresses of the repositories of all sources. */
  readonly repositories: readonly string[];
  readonly destinationNamespace: string;
  /** Where its objects go; undefined while its destination means no cluster. */
  readonly cluster: ScopedCluster | undefined;
  /** Its live objects as they were last observed. */
  readonly objects: readonly PermitObject[];
};

/** What a rule no longer permits of an application. */
export type FallenPart = 'destination' | 'source' | 'sourceNamespace';

/** An application of which something was permitted and will not be. */
export type FallenApplication = {
  readonly application: GovernedApplication;
  readonly part: FallenPart;
  readonly rule: string;
  readonly message: string;
};

/** A live object of an application that was permitted and will not be. */
export type FallenObject = {
  readonly application: GovernedApplication;
  readonly object: PermitObject;
  readonly rule: string;
  readonly message: string;
};

/** What falls out of projects by a change. */
export type FallOut = {
  readonly applications: readonly FallenApplication[];
  readonly objects: readonly FallenObject[];
};

/** The projects whose rules may be others when one is written: it and those that inherit from it before or after. */
export function concernedProjects(name: string, before: Projects, after: Projects): string[] {
  const heirs = [before, after].flatMap(({ stored, globals }) =>
    [...stored.values()]
      .filter((project) =>
        globalNamesOf({ metadata: { name: project.name, labels: { ...project.labels } } }, globals).includes(
          name,
        ),
      )
      .map((project) => project.name),
  );
  return [...new Set([name, ...heirs])].sort();
}

/**
 * What was permitted and will not be. Nothing is deleted by that: its applications stop writing and keep what they have.
 * `home` is the namespace that needs no permission for applications.
 */
export function fallOut(
  applications: readonly GovernedApplication[],
  before: Projects,
  after: Projects,
  home: string,
): FallOut {
  const was = effectiveIn(before);
  const becomes = effectiveIn(after);
  const fallen: FallenApplication[] = [];
  const objects: FallenObject[] = [];
  for (const application of applications) {
    const [old, now] = [was(application.project), becomes(application.project)];
    for (const part of partsOf(application, home)) {
      const refused = newRefusal(old, now, (project) => askPart(project, application, part));
      if (refused !== undefined) fallen.push({ application, part, ...refused });
    }
    for (const object of application.objects) {
      const refused = newRefusal(old, now, (project) => askObject(project, application, object));
      if (refused !== undefined) objects.push({ application, object, ...refused });
    }
  }
  return { applications: fallen, objects };
}

function effectiveIn({ stored, globals }: Projects): (name: string) => EffectiveProject {
  const known = new Map<string, EffectiveProject>();
  return (name) => {
    const project = known.get(name) ?? effectiveProject(name, globals, stored);
    known.set(name, project);
    return project;
  };
}

type Usable = Extract<EffectiveProject, { usable: true }>;
type Refusal = { readonly rule: string; readonly message: string };

/** Why something is refused from now on; undefined where it isn't, or was before. */
function newRefusal(
  old: EffectiveProject,
  now: EffectiveProject,
  ask: (project: Usable) => Permission,
): Refusal | undefined {
  if (!old.usable || !ask(old).permitted) return undefined;
  if (!now.usable) return { rule: '', message: now.message };
  const answer = ask(now);
  return answer.permitted ? undefined : { rule: answer.rule, message: answer.message };
}

/** What there is to ask about an application: one whose cluster isn't there is refused as it is. */
function partsOf({ namespace, cluster }: GovernedApplication, home: string): FallenPart[] {
  return [
    'source',
    ...(cluster === undefined ? [] : (['destination'] as const)),
    ...(namespace === home ? [] : (['sourceNamespace'] as const)),
  ];
}

function askPart(
  { project, clusters }: Usable,
  { namespace, repositories, destinationNamespace, cluster }: GovernedApplication,
  part: FallenPart,
): Permission {
  switch (part) {
    case 'source': {
      const answers = repositories.map((url) => permitsSource(project, url));
      return answers.find(({ permitted }) => !permitted) ?? answers[0] ?? { permitted: true, rule: '' };
    }
    case 'destination': {
      const { server, name } = cluster ?? { server: '', name: '' };
      return permitsDestination(project, { server, name, namespace: destinationNamespace }, clusters);
    }
    case 'sourceNamespace':
      return permitsSourceNamespace(project, namespace);
  }
}

function askObject(
  { project, clusters }: Usable,
  { cluster }: GovernedApplication,
  object: PermitObject,
): Permission {
  return cluster === undefined
    ? permitsKind(project, object)
    : permitsObject(project, object, cluster, clusters);
}
