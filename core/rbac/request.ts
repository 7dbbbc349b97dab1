import { type Decision, decide } from './decide.ts';
import type { CompiledPolicy } from './policy/compile.ts';
import type { Subject } from './subject.ts';

/** An application as policies name it. */
export type NamedApplication = {
  readonly project: string;
  readonly name: string;
  readonly namespace?: string | undefined;
};

/** An object of an application, as actions name it. */
export type NamedObject = {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
};

/**
 * The object of a request about an application, its logs, its pods' shells or its set: `project/name` in Keelson's own
 * namespace, `project/namespace/name` elsewhere.
 */
export function applicationObject({ project, name, namespace = '' }: NamedApplication, home = ''): string {
  return namespace === '' || namespace === home ? `${project}/${name}` : `${project}/${namespace}/${name}`;
}

/** The object of a request about what a project may own, such as a cluster or a repository. */
export function scopedObject(name: string, project: string): string {
  return project === '' ? name : `${project}/${name}`;
}

/** The action of a custom action of a kind. */
export function customAction(group: string, kind: string, name: string): string {
  return `action/${group}/${kind}/${name}`;
}

/** The change of one object of an application. */
export type ObjectChange = {
  readonly verb: 'delete' | 'update';
  readonly application: NamedApplication;
  readonly object: NamedObject;
  /** Whether the right to change the application is one to change its objects, which it isn't by default. */
  readonly inherited: boolean;
};

/** Decides on a change of one object of an application. */
export function decideOnObject(policy: CompiledPolicy, subject: Subject, change: ObjectChange): Decision {
  const { verb, application, object, inherited } = change;
  const about = { resource: 'applications', object: applicationObject(application) };
  const whole = inherited ? decide(policy, subject, { ...about, action: verb }) : undefined;
  if (whole?.allowed === true) return whole;
  const action = `${verb}/${object.group}/${object.kind}/${object.namespace}/${object.name}`;
  return decide(policy, subject, { ...about, action });
}
