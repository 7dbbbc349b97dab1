import { KeelsonError } from '../../errors.ts';
import type { JudgedApplication, ProjectGround } from '../rules/refusal.ts';
import { serviceAccountFor } from './service-account.ts';

/** Whom objects of an application are written as: an account of its project, the installation itself, or nobody. */
export type Writer =
  | { readonly account: string | undefined; readonly refusal?: never }
  | { readonly refusal: string; readonly account?: never };

/**
 * Whom objects of an application are written as. Where accounts are demanded and the project names none for the
 * destination, nobody may write: the rights of the installation are not lent.
 */
export function writerOf(
  { impersonation }: { readonly impersonation: boolean },
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
  try {
    return { account: serviceAccountFor(project.project, target) };
  } catch (error) {
    if (!(error instanceof KeelsonError)) throw error;
    return { refusal: error.message };
  }
}
