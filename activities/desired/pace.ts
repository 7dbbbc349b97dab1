import type { RenderDeps } from '../deps.ts';
import { defaultLimits, type RenderLimits } from '../render/request.ts';

/** What the settings say of how often and how long, before what the worker's own configuration says. */
export type PaceDeps = Pick<
  RenderDeps,
  'reconcileSeconds' | 'hardReconcileSeconds' | 'listingSeconds' | 'toolSeconds'
> & {
  readonly settings: Pick<RenderDeps['settings'], 'current'>;
};

/** Share of the interval that is added at random where nobody names a jitter, so that repositories don't come due together. */
const jitterShare = 1 / 3;
/** Where repositories are looked at for pushes and requests alone, they are due after this time. */
const hardlyEverSeconds = 365 * 24 * 60 * 60;

/** Seconds until a repository is due again, with the jitter. */
export function untilDueSeconds({
  settings,
  ...own
}: Pick<PaceDeps, 'settings' | 'reconcileSeconds'>): number {
  const { reconcileSeconds = own.reconcileSeconds, jitterSeconds } = settings.current().pace;
  if (reconcileSeconds === 0) return hardlyEverSeconds;
  return reconcileSeconds + Math.random() * (jitterSeconds ?? reconcileSeconds * jitterShare);
}

/** Seconds for which a render counts; undefined for as long as nothing that it read has changed. */
export function renderLastsSeconds(
  { settings, ...own }: Pick<PaceDeps, 'settings' | 'reconcileSeconds' | 'hardReconcileSeconds'>,
  impure: boolean,
): number | undefined {
  const { reconcileSeconds = own.reconcileSeconds, hardSeconds = own.hardReconcileSeconds ?? 0 } =
    settings.current().pace;
  const ends = [impure ? reconcileSeconds : 0, hardSeconds].filter((seconds) => seconds > 0);
  return ends.length === 0 ? undefined : Math.min(...ends);
}

/** Seconds within which a repository has to say what it has. */
export function listingSecondsOf({
  settings,
  listingSeconds,
}: Pick<PaceDeps, 'settings' | 'listingSeconds'>): number {
  return settings.current().sourceLimits.listingSeconds || listingSeconds;
}

/** What rendering one source may take. */
export function renderLimitsOf({
  settings,
  toolSeconds,
}: Pick<PaceDeps, 'settings' | 'toolSeconds'>): RenderLimits {
  const { renderSeconds, directoryBytes } = settings.current().sourceLimits;
  return {
    ...defaultLimits,
    timeoutSeconds: Math.min(toolSeconds, renderSeconds || toolSeconds),
    ...(directoryBytes === undefined ? {} : { maxDirectoryBytes: directoryBytes || Infinity }),
  };
}
