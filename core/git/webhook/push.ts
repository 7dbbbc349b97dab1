import type { z } from 'zod';
import { KeelsonError } from '../../errors.ts';
import { isAffected, isSameRepository } from '../webhook.ts';

/** What a delivery says was pushed, in the same words for all providers. */
export type PushNotice = {
  /** Every way in which the provider writes the repository's URL. */
  readonly repositoryUrls: readonly string[];
  /** Full names; providers that gather a push into one delivery name several. */
  readonly refs: readonly string[];
  /** Undefined when the provider doesn't tell: then each branch may be the one that HEAD stands for. */
  readonly defaultBranch: string | undefined;
};

/** Whether a push concerns a source: its repository in any way to write it, and a ref that the revision may mean. */
export function concernsSource(
  push: PushNotice,
  source: { readonly repoURL: string; readonly targetRevision?: string | undefined },
): boolean {
  return (
    push.repositoryUrls.some((url) => isSameRepository(url, source.repoURL)) &&
    push.refs.some((ref) => isAffected({ ref, defaultBranch: push.defaultBranch }, source.targetRevision))
  );
}

/** Reads a payload by its schema; throws with what to send instead. */
export function readPayload<S extends z.ZodType>(schema: S, title: string, payload: unknown): z.output<S> {
  const parsed = schema.safeParse(payload);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
  throw new KeelsonError(
    'invalid-argument',
    `webhook payload is not a push of ${title} (look at: ${fields || 'the whole'}); send its push events as JSON`,
    { cause: parsed.error },
  );
}

/** The URLs that are there. */
export function presentUrls(...urls: readonly (string | null | undefined)[]): string[] {
  return [...new Set(urls.filter((url) => typeof url === 'string' && url !== ''))].map(String);
}

/** A notice of at least one URL and one ref; throws when there is nothing to match with. */
export function noticeOf(title: string, notice: PushNotice): PushNotice {
  if (notice.repositoryUrls.length > 0 && notice.refs.length > 0) return notice;
  throw new KeelsonError(
    'invalid-argument',
    `webhook push names no ref and repository; send push events of ${title}`,
  );
}
