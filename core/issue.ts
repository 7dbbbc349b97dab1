/** One thing wrong with what a user wrote: where it is and a sentence that names the remedy. */
export type Issue = {
  /** A field path (`spec.source.repoURL`) or a place in a file (`deploy.yaml:12`). */
  readonly path: string;
  readonly message: string;
};

/** One line for people: `spec.source.repoURL: is missing; add it`. */
export function formatIssue(issue: Issue): string {
  return issue.path === '' ? issue.message : `${issue.path}: ${issue.message}`;
}

/** All issues as one message, in the order in which they were found. */
export function formatIssues(issues: readonly Issue[]): string {
  return issues.map(formatIssue).join('; ');
}
