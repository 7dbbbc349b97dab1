import type { GuardLimits } from '../../core/home/deletion/deletion-guard.ts';

/** How long objects may be gone, and how their deletions are judged. */
export type UpkeepLimits = GuardLimits & { readonly detachedMilliseconds: number };
