import { z } from '@hono/zod-openapi';
import type { ApplicationSpec } from '../core/application/spec.ts';
import { NamedValue, RetryStrategy } from '../core/application/sync-policy.ts';
import { KeelsonError } from '../core/errors.ts';
import type { SyncRequest } from '../core/sync/operation.ts';
import { parseRetry } from '../core/sync/retry.ts';
import { NotImplemented } from './problem.ts';
import { isAutomated } from './request-sync.ts';

const Force = z.object({ force: z.boolean().nullish() });

/** Body of a sync request. */
export const SyncBody = z.object({
  name: z.string().nullish(),
  revision: z.string().nullish(),
  dryRun: z.boolean().nullish(),
  prune: z.boolean().nullish(),
  strategy: z.object({ apply: Force.nullish(), hook: Force.nullish() }).nullish(),
  resources: z
    .array(
      z.object({
        group: z.string().nullish(),
        kind: z.string(),
        name: z.string(),
        namespace: z.string().nullish(),
      }),
    )
    .nullish(),
  manifests: z.array(z.string()).nullish(),
  infos: z.array(NamedValue).nullish(),
  retryStrategy: RetryStrategy.nullish(),
  syncOptions: z.object({ items: z.array(z.string()).nullish() }).nullish(),
  appNamespace: z.string().nullish(),
  project: z.string().nullish(),
  sourcePositions: z.array(z.number()).nullish(),
  revisions: z.array(z.string()).nullish(),
});
export type SyncBody = z.output<typeof SyncBody>;

/** What a sync request asks for; options and retry that it leaves out are those of the application. */
export function syncRequestOf(body: SyncBody, spec: ApplicationSpec): SyncRequest {
  const strategy = body.strategy?.apply ? 'apply' : 'hook';
  const force = body.strategy?.apply?.force ?? body.strategy?.hook?.force ?? false;
  const retry = body.retryStrategy ?? spec.syncPolicy?.retry;
  return {
    ...(body.revision ? { revision: body.revision } : {}),
    prune: body.prune ?? false,
    dryRun: body.dryRun ?? false,
    strategy,
    force,
    resources: (body.resources ?? []).map(({ group, kind, name, namespace }) => ({
      group: group ?? '',
      kind,
      name,
      ...(namespace ? { namespace } : {}),
    })),
    syncOptions: body.syncOptions?.items ?? spec.syncPolicy?.syncOptions ?? [],
    retry: parseRetry(retry),
    selfHealAttempts: 0,
    info: body.infos ?? [],
  };
}

/** Throws for the parts of a sync request that Keelson can't do; better than to sync something else. */
export function refuseUnsupported(body: SyncBody): void {
  if (
    (body.revisions && body.revisions.length > 0) ||
    (body.sourcePositions && body.sourcePositions.length > 0)
  ) {
    throw new NotImplemented(
      'syncing sources to revisions by position is not supported; set targetRevision of the sources instead',
    );
  }
}

/** Throws when automated sync would undo what the request asks for. */
export function checkRevision(spec: ApplicationSpec, request: SyncRequest): void {
  if (!isAutomated(spec) || request.dryRun || request.revision === undefined) return;
  const followed = spec.source?.targetRevision || 'HEAD';
  if (request.revision === followed) return;
  throw new KeelsonError(
    'precondition-failed',
    `Cannot sync to ${request.revision}: auto-sync currently set to ${followed}; turn automated sync off first`,
  );
}
