import { type ErrorCode, KeelsonError } from '../core/errors.ts';
import type { Issue } from '../core/issue.ts';
import { parseJson } from '../core/object/json/json.ts';

/** A request that the server refused or that never reached it; the message is fit to be shown. */
export class ApiError extends KeelsonError {
  /** HTTP status; 0 when there was no answer at all. */
  readonly status: number;
  /** Each thing wrong with what was sent, when the server lists them. */
  readonly issues: readonly Issue[];

  constructor(status: number, message: string, issues: readonly Issue[] = []) {
    super(codes[status] ?? 'internal', message, { retryable: status === 0 || status >= 500 });
    this.name = 'ApiError';
    this.status = status;
    this.issues = issues;
  }
}

const codes: Readonly<Record<number, ErrorCode>> = {
  0: 'unavailable',
  400: 'invalid-argument',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  502: 'unavailable',
  503: 'unavailable',
  504: 'timeout',
};

/** Makes an error of a reply's body: `{error, code, message}` when it is JSON, else its first line. */
export function readApiError(status: number, body: string): ApiError {
  const reply = parseObject(body);
  const text = textOf(reply?.['message']) ?? textOf(reply?.['error']);
  if (text !== undefined) return new ApiError(status, text, issuesOfMessage(text));
  const firstLine = reply === undefined && !body.includes('<') ? body.trim().split('\n')[0] : undefined;
  return new ApiError(status, firstLine || fallbackText(status));
}

/** What to show for anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function fallbackText(status: number): string {
  if (status === 403) return 'permission denied; ask for the missing right';
  if (status === 404) return 'not found; it may have been deleted';
  return `the server answered with status ${status}; try again or look at its log`;
}

/** Splits `spec.a: what; spec.b: what` where a new field path begins; other texts hold no issues. */
function issuesOfMessage(message: string): Issue[] {
  const list = message.replace(/^application spec for \S+ is invalid: /, '');
  const parts = list.split(/; (?=(?:metadata|spec|operation)[\w.[\]]*: )/);
  const issues = parts.flatMap((part) => {
    const match = /^((?:metadata|spec|operation)[\w.[\]]*): (.+)$/s.exec(part);
    return match === null ? [] : [{ path: match[1] ?? '', message: match[2] ?? '' }];
  });
  return issues.length === parts.length ? issues : [];
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = parseJson(text);
    return isObject(value) ? value : undefined;
  } catch {
    // Proxies answer in HTML or plain text; the caller shows that instead.
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
