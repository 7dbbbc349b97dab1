import { requestedRevisions } from '../../core/application/source/revisions.ts';
import { hasMultipleSources, sourcesOf } from '../../core/application/source/source.ts';
import type { ApplicationSpec } from '../../core/application/spec/spec.ts';
import { KeelsonError } from '../../core/errors.ts';
import type { SyncRequest } from '../../core/sync/operation/operation.ts';
import { parseRetry } from '../../core/sync/operation/retry.ts';
import { storableText } from '../../core/text/storable-text.ts';
import type { SyncBody } from '../../core/wire/sync.ts';
import { isAutomated } from './request-sync.ts';

/** What a sync request asks for; options and retry that it leaves out are those of the application. */
export function syncRequestOf(body: SyncBody, spec: ApplicationSpec): SyncRequest {
  const strategy = body.strategy?.apply ? 'apply' : 'hook';
  const force = body.strategy?.apply?.force ?? body.strategy?.hook?.force ?? false;
  const retry = body.retryStrategy ?? spec.syncPolicy?.retry;
  return {
    ...revisionsOf(body, spec),
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
    ...breakGlassOf(body),
  };
}

/** The reason for which a request breaks the glass, where it gives one. */
export function breakGlassOf({
  breakGlassReason: reason,
}: Pick<SyncBody, 'breakGlassReason'>): Pick<SyncRequest, 'breakGlass'> {
  if (reason === undefined || reason === null) return {};
  refuse(reason.trim() === '', 'breakGlassReason is empty; say why the sync cannot wait');
  return { breakGlass: { reason: storableText(reason.trim()) } };
}

/** The revisions that a request names: one for the single form of a spec, by position for the list form. */
export function revisionsOf(
  body: Pick<SyncBody, 'revision' | 'revisions' | 'sourcePositions'>,
  spec: ApplicationSpec,
): Pick<SyncRequest, 'revision' | 'revisions'> {
  const sources = spec.sources ?? [];
  const positions = body.sourcePositions ?? [];
  const given = body.revisions ?? [];
  if (!hasMultipleSources(spec)) {
    refuse(
      positions.length > 0 || given.length > 0,
      'revisions and sourcePositions are for applications with spec.sources; use revision',
    );
    return body.revision ? { revision: body.revision } : {};
  }
  // A sync to other revisions than the ones that were meant is worse than none.
  refuse(
    Boolean(body.revision),
    'revision names no source of an application with several; use revisions with sourcePositions',
  );
  refuse(
    positions.length !== given.length,
    `revisions and sourcePositions differ in length (${given.length} and ${positions.length}); name one revision for each position`,
  );
  if (positions.length === 0) return {};
  const revisions = sources.map(() => '');
  for (const [index, position] of positions.entries()) {
    refuse(
      !Number.isInteger(position) || position < 1 || position > sources.length,
      `source position is out of range: ${position}; positions are 1 to ${sources.length}`,
    );
    revisions[position - 1] = given[index] ?? '';
  }
  return { revisions };
}

function refuse(wrong: boolean, message: string): void {
  if (wrong) throw new KeelsonError('invalid-argument', message);
}

/** Throws when automated sync would undo what the request asks for. */
export function checkRevision(spec: ApplicationSpec, request: SyncRequest): void {
  if (!isAutomated(spec) || request.dryRun) return;
  for (const [position, asked] of requestedRevisions(request).entries()) {
    const source = sourcesOf(spec)[position];
    const followed = source?.targetRevision || 'HEAD';
    if (asked === '' || asked === followed) continue;
    const which = hasMultipleSources(spec) ? `source ${source?.repoURL} ` : '';
    throw new KeelsonError(
      'precondition-failed',
      `Cannot sync ${which}to ${asked}: auto-sync currently set to ${followed}; turn automated sync off first`,
    );
  }
}
