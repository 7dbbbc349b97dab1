import { KeelsonError } from '../../core/errors.ts';
import { formatIssues } from '../../core/issue.ts';
import type { AppProject } from '../../core/project/project.ts';
import { readProject } from '../../core/project/read-project.ts';
import { ProjectBody } from '../../core/wire/project.ts';

/** A project in a request, with whether one that is there is changed. Throws with all issues at once. */
export function parseProject(body: unknown): { readonly project: AppProject; readonly upsert: boolean } {
  const read = ProjectBody.safeParse(body);
  const { project, upsert } = read.success ? read.data : {};
  if (typeof project !== 'object' || project === null) {
    throw new KeelsonError(
      'invalid-argument',
      "missing payload 'project' in request; send the project in its field `project`",
    );
  }
  const parsed = readProject({ apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', ...project });
  if (parsed.issues === undefined) return { project: parsed.value, upsert: upsert === true };
  throw new KeelsonError(
    'invalid-argument',
    `error validating project: project is not valid: ${formatIssues(parsed.issues)}`,
  );
}
