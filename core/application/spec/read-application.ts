import type { Issue } from '../../issue.ts';
import { isFields } from '../../object/manifest/check-manifest.ts';
import { ApplicationStatus } from '../status.ts';
import { checkStorable } from './check-texts.ts';
import { issuesOfZod } from './shape-issue.ts';
import { Application, normalizeSpec, withoutNulls } from './spec.ts';
import { checkApplication } from './validate.ts';

/** Either the application or everything that is wrong with it. */
export type ReadApplication =
  | { readonly value: Application; readonly issues?: never }
  | { readonly issues: readonly Issue[]; readonly value?: never };

/**
 * Reads an Application that a user wrote and brings it to its normal form. All issues are returned at once.
 * A status that does not fit is left out: it is output, and an export from elsewhere must not be refused for it.
 */
export function readApplication(input: unknown): ReadApplication {
  const given = withoutNulls(input);
  const decided = isFields(given) ? { ...given, status: undefined } : given;
  const parsed = Application.safeParse(decided);
  if (!parsed.success) return { issues: issuesOfZod(parsed.error, given) };
  const { status: _, ...application } = parsed.data;
  const value: Application = { ...application, spec: normalizeSpec(application.spec) };
  const issues = [...checkStorable(decided), ...checkApplication(value)];
  if (issues.length > 0) return { issues };
  const status = ApplicationStatus.safeParse(isFields(given) ? given['status'] : undefined);
  return { value: status.success ? { ...value, status: status.data } : value };
}
