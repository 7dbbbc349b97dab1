import { KeelsonError } from '../../errors.ts';
import type { Issue } from '../../issue.ts';
import type { Settings } from '../../settings/settings.ts';
import {
  applicationIssues,
  type JudgedApplication,
  namespaceIssues,
  type ProjectGround,
  sourceNamespaceIssues,
} from '../rules/refusal.ts';
import { accountEntry, serviceAccountFor } from './service-account.ts';

/** Whom objects of an application are written as: an account of its project, the installation itself, or nobody. */
export type Writer =
  | { readonly account: string | undefined; readonly refusal?: never }
  | { readonly refusal: string; readonly account?: never };

/**
 * Whom a sync writes objects of an application as, or nobody: where anything is against the application as a whole, or
 * its project names no account that is demanded.
 */
export function syncWriterOf(
  settings: SyncSettings,
  controlPlane: string,
  ground: ProjectGround,
  judged: JudgedApplication,
): Writer {
  const homes = { controlPlane, patterns: settings.applicationNamespaces };
  const issues = applicationIssues(ground, judged, homes);
  return issues.length === 0 ? writerOf(settings, ground, judged) : refusedBy(issues);
}

/**
 * Whom an action writes objects of an application as, or nobody: where it may not live, its project has not taken it, and
 * neither its rights nor its account are lent.
 */
export function actionWriterOf(
  settings: SyncSettings,
  controlPlane: string,
  ground: ProjectGround,
  judged: JudgedApplication,
): Writer {
  const { namespace } = judged;
  const issues = [
    ...namespaceIssues(namespace, { controlPlane, patterns: settings.applicationNamespaces }),
    ...sourceNamespaceIssues(ground.project, namespace, controlPlane),
  ];
  return issues.length === 0 ? writerOf(settings, ground, judged) : refusedBy(issues);
}

function refusedBy(issues: readonly Issue[]): Writer {
  return { refusal: issues.map(({ message }) => message).join('; ') };
}

/** What objects are written for: each asks for what can be asked of it. A deletion reads no source and needs no home. */
export type WritePurpose = 'action' | 'deletion' | 'sync';

/** Whom objects are written as, by what it is for. */
export const writersFor: Readonly<Record<WritePurpose, typeof syncWriterOf>> = {
  action: actionWriterOf,
  deletion: (settings, _controlPlane, ground, judged) => writerOf(settings, ground, judged),
  sync: syncWriterOf,
};

/** What the settings say of who writes. */
export type AccountSettings = Pick<Settings, 'impersonation' | 'impersonationEnforced'>;
/** What the settings say of who writes, and for whom. */
export type SyncSettings = AccountSettings & Pick<Settings, 'applicationNamespaces'>;

/**
 * Whom objects of an application are written as. Where accounts are demanded and the project names none for the
 * destination, nobody may write: the rights of the installation are not lent. Where accounts are only offered, it writes
 * itself then; an entry that fits and can't be read is refused all the same.
 */
export function writerOf(
  { impersonation, impersonationEnforced }: AccountSettings,
  { project, cluster }: ProjectGround,
  { namespace, spec }: JudgedApplication,
): Writer {
  if (!impersonation) return { account: undefined };
  if (!project.usable) return { refusal: project.message };
  const target = {
    server: cluster?.server ?? '',
    namespace: spec.destination.namespace ?? '',
    applicationNamespace: namespace,
  };
  if (!impersonationEnforced && accountEntry(project.project.spec, target) === undefined) {
    return { account: undefined };
  }
  try {
    return { account: serviceAccountFor(project.project, target) };
  } catch (error) {
    if (!(error instanceof KeelsonError)) throw error;
    return { refusal: error.message };
  }
}
