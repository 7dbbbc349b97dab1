import { checkStorable } from '../application/spec/check-texts.ts';
import { issuesOfZod } from '../application/spec/shape-issue.ts';
import { withoutNulls } from '../application/spec/spec.ts';
import type { Issue } from '../issue.ts';
import { AppProject, ProjectSpec } from './project.ts';
import { checkProject, noteProject } from './rules/check.ts';
import { unknownFields } from './rules/unknown-fields.ts';

/** Either the project, with notes on what has no effect or another than it seems, or all that is wrong with it. */
export type ReadProject =
  | { readonly value: AppProject; readonly notes: readonly Issue[]; readonly issues?: never }
  | { readonly issues: readonly Issue[]; readonly value?: never; readonly notes?: never };

/** Reads an AppProject that a user wrote. All issues are returned at once. */
export function readProject(input: unknown): ReadProject {
  const given = withoutNulls(input);
  const parsed = AppProject.safeParse(given);
  if (!parsed.success) return { issues: issuesOfZod(parsed.error, given) };
  const value = parsed.data;
  const issues = [...checkStorable(given), ...checkProject(value)];
  if (issues.length > 0) return { issues };
  return { value, notes: [...unknownFields(ProjectSpec, value.spec, 'spec'), ...noteProject(value)] };
}
