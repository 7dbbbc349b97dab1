import { z } from 'zod';
import {
  type ErrorCode,
  type ErrorOptions,
  KeelsonError,
  ObjectError,
  type Transience,
} from '../../core/errors.ts';
import { parseJson } from '../../core/object/json/json.ts';
import type { ResourceKey } from '../../core/object/key.ts';
import { ownField } from '../../core/own-field.ts';
import { cureOf } from './remedies.ts';
import { hiddenReason, mayEchoValues } from './secret-words.ts';

/** What a refused request was about. */
export type Subject = {
  readonly cluster: string;
  /** Absent for requests about no single object, such as lists. */
  readonly key?: ResourceKey | undefined;
  /** What was asked for, for messages without an object: `list apps/v1 deployments`. */
  readonly request: string;
};

const Cause = z.object({
  reason: z.string().optional(),
  message: z.string().optional(),
  field: z.string().optional(),
});

/** The part of a Kubernetes Status that errors are made of. */
export const Status = z.object({
  kind: z.literal('Status'),
  reason: z.string().optional(),
  message: z.string().optional(),
  code: z.number().optional(),
  details: z
    .object({ name: z.string().optional(), kind: z.string().optional(), causes: z.array(Cause).optional() })
    .nullish(),
});
export type Status = z.infer<typeof Status>;

/** The error for a reply that is not a success; the text is a Status from an API server, anything from a proxy. */
export function statusError(httpStatus: number, text: string, subject: Subject): KeelsonError {
  const status = readStatus(httpStatus, text);
  const verdict = judge(httpStatus, status, subject.key);
  const words = mayEchoValues(subject.key) ? hiddenReason(status) : wordsOf(status, httpStatus);
  const remedy = verdict.remedy === '' ? '' : `; ${verdict.remedy}`;
  const reason = status.reason || String(httpStatus);
  const options: ErrorOptions = {
    transience: verdict.transience,
    details: { reason, status: httpStatus, ...misfitDetails(status.message ?? '', subject.key) },
  };
  const sentence = `the API server of cluster ${subject.cluster} refused it (${reason}): ${words}${remedy}`;
  if (subject.key !== undefined) return new ObjectError(verdict.code, subject.key, sentence, options);
  return new KeelsonError(verdict.code, `${subject.request}: ${sentence}`, options);
}

/** Reads a Status; a text of another form becomes one with a short excerpt. */
export function readStatus(httpStatus: number, text: string): Status {
  try {
    return Status.parse(parseJson(text));
  } catch {
    // Proxies and unknown paths answer in plain text or HTML; the excerpt is what there is to say.
    return { kind: 'Status', code: httpStatus, message: text.trim().slice(0, 200) || `HTTP ${httpStatus}` };
  }
}

/** Beyond this the remedy behind the server's words is out of sight. */
const longestWords = 600;
const longestCause = 300;

/** The server's words; values that it quotes in full, such as a pod template, give way to what it says of them. */
function wordsOf({ message, details }: Status, httpStatus: number): string {
  const words = message ?? `HTTP ${httpStatus}`;
  if (words.length <= longestWords) return words;
  const causes = (details?.causes ?? []).map(({ field, message: said = '' }) =>
    shortened(field === undefined ? said : `${field}: ${said}`, longestCause),
  );
  if (causes.length === 0) return shortened(words, longestWords);
  const [subject = ''] = words.split(/(?<= is invalid:) /, 1);
  return shortened(
    `${subject.length < longestCause ? `${subject} ` : ''}${causes.join(', ')}`,
    4 * longestWords,
  );
}

/** What is refused stands at the start, why at the end. */
function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most / 3)}[...]${text.slice((-most * 2) / 3)}`;
}

type Verdict = { readonly code: ErrorCode; readonly remedy: string; readonly transience?: Transience };

/**
 * Server-side apply answers 500 without a reason to objects that do not fit their schema or hold a value that its kind
 * can't read, which no retry cures.
 */
const misfit = /^failed to (create typed (patch|live) object|convert new object)/;

/** What an API server says of a field that a kind doesn't have, or that is there twice, where it validates. */
const strictness = /strict decoding error: /;

const misfitRemedy = 'correct what its kind does not allow';

/** What API servers say of webhooks of others that they could not ask; conversions first, as they stand inside a misfit. */
const silentWebhooks = [
  /conversion webhook for .{0,500} failed/,
  /failed calling webhook|failed to call webhook/,
  /^Internal error occurred: .*webhook/,
];

/** What a 500 says of the store behind an API server that has no leader or no time, and of limits that are not known yet. */
const transientWords =
  /etcdserver: |etcd cluster|context deadline exceeded|transport is closing|evaluation timed out/;

/**
 * Which misfits another way of writing gets past: `duplicate-keys` and `live-object` are server-side apply's own
 * demands, `unknown-fields` are dropped by every other write that does not validate.
 */
function misfitDetails(message: string, key: ResourceKey | undefined): Readonly<Record<string, string>> {
  if (!misfit.test(message)) return {};
  if (message.startsWith('failed to create typed live object')) return { misfit: 'live-object' };
  if (/: duplicate entries for (key|item)/.test(message)) return { misfit: 'duplicate-keys' };
  const unknown = unknownFields(message);
  if (unknown.length === 0) return { misfit: 'other' };
  return { misfit: 'unknown-fields', ...(mayEchoValues(key) ? {} : { fields: unknown.join(', ') }) };
}

/** The paths, from their first dot, that stand before the words of the schema. */
function unknownFields(message: string): string[] {
  return message
    .split(': field not declared in schema')
    .slice(0, -1)
    .flatMap((before) => {
      const word = before.split(/\s/).at(-1) ?? '';
      const dot = word.indexOf('.');
      return dot === -1 || dot === word.length - 1 ? [] : [word.slice(dot)];
    });
}

function judge(httpStatus: number, status: Status, key: ResourceKey | undefined): Verdict {
  const message = status.message ?? '';
  if (httpStatus >= 500 && silentWebhooks.some((words) => words.test(message))) return webhookAway();
  if (misfit.test(message)) return { code: 'object-invalid', remedy: misfitRemedy };
  // Of a manifest that was exported from a cluster; the answer is a 500 and means the same at every try.
  if (message.startsWith('resourceVersion should not be set on objects to be created')) {
    return { code: 'object-invalid', remedy: 'remove metadata.resourceVersion from the manifest' };
  }
  const byReason = ownField(verdicts, status.reason ?? '');
  if (byReason !== undefined) return byReason(status, key);
  const byCode = ownField(verdicts, reasonOfCode[httpStatus] ?? '');
  if (byCode !== undefined) return byCode(status, key);
  return httpStatus >= 500 ? unexplained(status) : { code: 'object-invalid', remedy: '' };
}

const verdicts: Readonly<Record<string, (status: Status, key: ResourceKey | undefined) => Verdict>> = {
  Forbidden: (status) => ({ code: 'forbidden', remedy: forbiddenRemedy(status.message ?? '') }),
  Unauthorized: () => ({
    code: 'unauthenticated',
    remedy: "the cluster's credentials are not accepted; renew the token or the client certificate",
  }),
  NotFound: missing,
  AlreadyExists: () => ({ code: 'conflict', remedy: '' }),
  Conflict: conflict,
  Gone: () => ({ code: 'conflict', remedy: 'list again', transience: 'conflict' }),
  Expired: () => ({ code: 'conflict', remedy: 'list again', transience: 'conflict' }),
  Invalid: (status, key) => cureOf(status.message ?? '', key),
  BadRequest: ({ message = '' }) => ({
    code: 'object-invalid',
    remedy: strictness.test(message) ? misfitRemedy : '',
  }),
  RequestEntityTooLarge: () => ({ code: 'object-invalid', remedy: 'make the object smaller' }),
  InternalError: unexplained,
  ServiceUnavailable: unavailable,
  ServerTimeout: unavailable,
  Timeout: unavailable,
  TooManyRequests: unavailable,
};

const reasonOfCode: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Gone',
  413: 'RequestEntityTooLarge',
  422: 'Invalid',
  429: 'TooManyRequests',
  502: 'ServiceUnavailable',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

function unavailable(): Verdict {
  return { code: 'unavailable', remedy: 'it may work later', transience: 'unreachable' };
}

function webhookAway(): Verdict {
  return { code: 'unavailable', remedy: 'see why the webhook does not answer', transience: 'webhook' };
}

/** A 500 in which nothing says that it may pass: a few tries, then the server's words are the result. */
function unexplained({ message = '' }: Status): Verdict {
  return transientWords.test(message)
    ? unavailable()
    : { code: 'unavailable', remedy: "see the API server's log", transience: 'unexplained' };
}

/** A 404 that names no object means that the path, so the kind, is not served. */
function missing(status: Status): Verdict {
  if (status.details?.kind === 'namespaces' && status.details.name) {
    return {
      code: 'not-found',
      remedy:
        'create the namespace, or put it into the source; that of the destination is made by the sync option CreateNamespace=true with the next sync',
    };
  }
  if (status.details?.name) return { code: 'not-found', remedy: '' };
  return {
    code: 'kind-unknown',
    remedy: 'is the CustomResourceDefinition of this kind and version installed?',
  };
}

function conflict(status: Status): Verdict {
  const causes = status.details?.causes ?? [];
  if (causes.some((cause) => cause.reason === 'FieldManagerConflict')) {
    return { code: 'apply-conflict', remedy: 'leave these fields to their manager' };
  }
  if (/uid in (the )?precondition|uid mismatch/i.test(status.message ?? '')) {
    return { code: 'conflict', remedy: 'another object of the same name has taken its place' };
  }
  return { code: 'conflict', remedy: 'it changed meanwhile; read it again', transience: 'conflict' };
}

const denial =
  /User "([^"]+)" cannot (\S+) resource "([^"]+)" in API group "([^"]*)"(?: in the namespace "([^"]+)")?/;

/** Which permission to grant to whom, or which quota is full; refusals by webhooks and policies explain themselves. */
function forbiddenRemedy(message: string): string {
  if (/: exceeded quota: /.test(message)) return 'raise the quota of the namespace, or ask for less';
  const match = denial.exec(message);
  if (match === null) return '';
  const [, user, verb, resource, group, namespace] = match;
  const where =
    namespace === undefined ? 'with a ClusterRole and a ClusterRoleBinding' : `in namespace "${namespace}"`;
  return `grant user "${user}" the verb "${verb}" on "${resource}" of API group "${group}" ${where}`;
}
