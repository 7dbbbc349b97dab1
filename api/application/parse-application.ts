import { readApplication } from '../../core/application/spec/read-application.ts';
import type { Application } from '../../core/application/spec/spec.ts';
import { KeelsonError } from '../../core/errors.ts';
import { formatIssues } from '../../core/issue.ts';

/** Reads an Application from a request; API version and kind may be left out. Throws with all issues at once. */
export function parseApplication(body: unknown): Application {
  const given =
    typeof body === 'object' && body !== null
      ? { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', ...body }
      : body;
  const read = readApplication(given);
  if (read.issues === undefined) return read.value;
  throw new KeelsonError('invalid-argument', `application is not valid: ${formatIssues(read.issues)}`);
}
