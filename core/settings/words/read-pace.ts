import { ownField } from '../../own-field.ts';
import { readDuration } from '../../text/duration.ts';
import type { Report } from './problem.ts';

/** How often what is deployed is looked at again; what is undefined is left to the roles' own configuration. */
export type Pace = {
  /** Between two checks of a repository; 0 for pushes and requests alone. */
  readonly reconcileSeconds?: number;
  /** Added at most to it, at random. */
  readonly jitterSeconds?: number;
  /** After which a render counts no longer although nothing is known to have changed; 0 for never. */
  readonly hardSeconds?: number;
};

/** What reading sources may take; what is undefined is left to the workers' own configuration. */
export type SourceLimits = {
  /** Renders at once in one worker. */
  readonly rendersAtOnce?: number;
  /** For rendering one source. */
  readonly renderSeconds?: number;
  /** For a repository to say what it has. */
  readonly listingSeconds?: number;
  /** For all manifest files of a plain directory together. */
  readonly directoryBytes?: number;
};

/** How long a self-heal waits after the sync before it. */
export type SelfHealDelay = {
  /** The same each time; undefined for one that grows. */
  readonly flatSeconds?: number;
  readonly firstSeconds: number;
  readonly factor: number;
  readonly mostSeconds: number;
};

/** None at first, then 2 s, times 3 each, at most 300 s. */
export const defaultSelfHealDelay: SelfHealDelay = { firstSeconds: 2, factor: 3, mostSeconds: 300 };

/** A duration in Go's form or in bare seconds, not below nothing. */
export function readSeconds(text: string, report: Report): number | undefined {
  const seconds = readDuration(text.trim());
  if (seconds !== undefined && seconds >= 0) return seconds;
  report('must be a duration such as 180s or 3m, or a number of seconds; change it');
  return undefined;
}

/** A whole number; 0 where nothing is to limit. */
export function readCount(text: string, report: Report): number | undefined {
  const count = Number(text.trim());
  if (/^\d{1,9}$/.test(text.trim())) return count;
  report('must be a whole number, 0 for no limit; change it');
  return undefined;
}

const unitBytes: Readonly<Record<string, number>> = {
  '': 1,
  k: 1000,
  M: 1e6,
  G: 1e9,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
};

/** A size as Kubernetes writes it, such as `10M` or `64Mi`. */
export function readSize(text: string, report: Report): number | undefined {
  const [, amount, unit = ''] = /^(\d{1,12})(k|M|G|Ki|Mi|Gi)?$/.exec(text.trim()) ?? [];
  if (amount !== undefined) return Number(amount) * (ownField(unitBytes, unit) ?? 1);
  report('must be a size such as 10M or 64Mi; change it');
  return undefined;
}
