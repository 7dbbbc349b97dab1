import { type ErrorCode, KeelsonError } from '../../core/errors.ts';
import type { ManifestIssue } from '../../core/object/manifest/read-manifests.ts';
import { someOf } from '../../core/text/some-of.ts';
import { RunError } from '../../platform/exec.ts';
import { maskText } from '../../platform/mask.ts';
import type { Rendering, RenderRequest } from './request.ts';

/** A failure that names the repository and path it happened in. */
export function renderFailure(
  request: RenderRequest,
  message: string,
  options: { code?: ErrorCode; retryable?: boolean; cause?: unknown } = {},
): KeelsonError {
  const { code = 'render-failed', retryable = false, cause } = options;
  const path = request.source.path ?? '';
  const where = path === '' || path === '.' ? '' : `, path ${path}`;
  return new KeelsonError(code, maskText(`repository ${request.source.repoURL}${where}: ${message}`), {
    retryable,
    cause,
  });
}

/** Something wrong with what a tool printed, and what a user can do about it. */
export type Remedy = { readonly pattern: RegExp; readonly remedy: string };

/** What a program says, or the sandbox for it, when it meets a limit. */
const limitRemedies: readonly Remedy[] = [
  // What is killed may have met either limit, and the sentence about it names both.
  { pattern: /processor time/, remedy: 'make the source smaller or split it' },
  {
    pattern: /^fatal error: .*(?:memory|newosproc)|out of memory|cannot allocate memory/i,
    remedy: 'it needs more memory than a render gets; make the source smaller or split it',
  },
  {
    pattern: /which renders never reach|KEELSON_RENDER_PRIVATE_HOSTS/,
    remedy: 'sources reach public addresses only unless the operator lists a host',
  },
];

/** Translates a failed tool run; paths of this machine are cut from what the tool said. */
export function toolFailure(
  rendering: Rendering,
  tool: string,
  cause: unknown,
  remedies: readonly Remedy[],
): unknown {
  if (!(cause instanceof RunError)) return cause;
  switch (cause.failure) {
    case 'aborted':
    case 'missing':
      return cause;
    case 'timeout':
      return renderFailure(
        rendering,
        `${tool} took longer than ${rendering.limits.timeoutSeconds} s; make the source smaller or split it`,
        { code: 'timeout', retryable: true, cause },
      );
    case 'output-limit':
      return renderFailure(
        rendering,
        `${tool} wrote more than ${rendering.limits.maxOutputBytes} bytes; split the source into several applications`,
        { cause },
      );
    case 'disk-limit':
      return renderFailure(
        rendering,
        `${tool} filled its scratch folder; make the source or what it fetches smaller`,
        { cause },
      );
    case 'process-limit':
      return renderFailure(
        rendering,
        `${tool} failed: ${withoutMachinePaths(rendering, cause.stderr)}; let what it starts run one after the other`,
        { cause },
      );
    case 'exit': {
      const said = withoutMachinePaths(rendering, cause.stderr);
      const known = [...limitRemedies, ...remedies].find(({ pattern }) => pattern.test(said));
      const remedy =
        known?.remedy ?? `run ${tool} on the same commit to see it locally, fix the source and push`;
      return renderFailure(rendering, `${tool} failed: ${said}; ${remedy}`, { cause });
    }
  }
}

/** What a tool said, with paths relative to the repository. */
export function withoutMachinePaths(rendering: Rendering, text: string): string {
  return text
    .replaceAll(`${rendering.scratch}/tree/`, '')
    .replaceAll(`${rendering.scratch}/edited/`, '')
    .replaceAll(`${rendering.scratch}/`, '')
    .replaceAll(`${rendering.root}/`, '')
    .replaceAll(rendering.root, '.')
    .replace(/^Error: /, '');
}

const shownIssues = 3;

/** The failure of manifests that cannot be read: file, line and reason of the first ones. */
export function manifestFailure(request: RenderRequest, issues: readonly ManifestIssue[]): KeelsonError {
  const reasons = issues.map(({ path, message }) => `${path}: ${message}`);
  return renderFailure(request, someOf(reasons, shownIssues, { by: '; ' }), { code: 'manifest-invalid' });
}
