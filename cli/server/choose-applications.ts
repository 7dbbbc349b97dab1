import { KeelsonError } from '../../core/errors.ts';
import { qualifiedName } from '../render/render-application.ts';
import type { ApiClient } from './client.ts';

/** Which applications a command is about: named ones, or all that fit a selector or project. */
export type Choice = {
  readonly names: readonly string[];
  readonly selector?: string | undefined;
  readonly project?: readonly string[] | undefined;
  /** Of those that are searched for. */
  readonly namespace?: string | undefined;
};

/** The names of the applications that are meant; nothing given, or nothing found, is an error. */
export async function chooseApplications(client: ApiClient, choice: Choice): Promise<readonly string[]> {
  const { names, selector, project, namespace } = choice;
  const searches = selector !== undefined || project !== undefined;
  if (names.length > 0 && !searches) return names;
  if (names.length > 0 || !searches) {
    throw new KeelsonError(
      'invalid-argument',
      'application is not named; write its NAME, or choose with --selector',
    );
  }
  const found = await client.applications.pick(['metadata.namespace'], {
    selector,
    projects: project ?? [],
    namespace,
  });
  if (found.length > 0) return found.map(qualifiedName);
  throw new KeelsonError(
    'invalid-argument',
    'no application fits the selector; see their labels with keelson app list -o yaml',
  );
}
