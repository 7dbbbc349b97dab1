import { z } from 'zod';
import { NamedValue, RetryStrategy } from '../application/spec/sync-policy.ts';
import { heldAnswers } from '../home/deletion/deletion-guard.ts';
import { SyncWindow } from '../project/project.ts';
import { list, texts } from './shape.ts';

const Force = z.object({ force: z.boolean().nullish() });

/** An object that a sync is limited to. */
const ChosenObject = z.object({
  group: z.string().nullish(),
  kind: z.string(),
  name: z.string(),
  namespace: z.string().nullish(),
});

const BreakGlassReason = z.string().max(1000).nullish();

/** The request of a sync; what it leaves out is as the application's own policy says. */
export const SyncBody = z.object({
  name: z.string().nullish(),
  revision: z.string().nullish(),
  dryRun: z.boolean().nullish(),
  prune: z.boolean().nullish(),
  strategy: z.object({ apply: Force.nullish(), hook: Force.nullish() }).nullish(),
  resources: list(ChosenObject).nullish(),
  /** JSON texts that take the place of what the source renders. */
  manifests: texts.nullish(),
  infos: list(NamedValue).nullish(),
  retryStrategy: RetryStrategy.nullish(),
  syncOptions: z.object({ items: texts.nullish() }).nullish(),
  /** Why the sync can't wait for its sync windows; needs the right `windows, break-glass`. */
  breakGlassReason: BreakGlassReason,
  appNamespace: z.string().nullish(),
  project: z.string().nullish(),
  /** Sources by position, from 1; `revisions` are theirs. */
  sourcePositions: list(z.number()).nullish(),
  revisions: texts.nullish(),
});
export type SyncBody = z.infer<typeof SyncBody>;

/** What becomes of an application whose object's deletion is held. */
export const HeldAnswerBody = z.object({ answer: z.enum(heldAnswers) });
export type HeldAnswerBody = z.infer<typeof HeldAnswerBody>;

/** Which deployment of the history is brought back. */
export const RollbackBody = z.object({
  name: z.string().nullish(),
  id: z.union([z.number().int(), z.string().regex(/^\d+$/).transform(Number)]),
  dryRun: z.boolean().nullish(),
  prune: z.boolean().nullish(),
  /** Deletes and creates anew what can't be changed to what it was. */
  force: z.boolean().nullish(),
  breakGlassReason: BreakGlassReason,
  appNamespace: z.string().nullish(),
  project: z.string().nullish(),
});
export type RollbackBody = z.infer<typeof RollbackBody>;

/** Why sync windows hold a sync back, and when they open to it (RFC 3339), where that is known. */
const WindowRefusal = z.object({ message: z.string(), opensAt: z.string().exactOptional() });

/** The sync windows of an application, and whether they allow a sync that a person starts now. */
export const SyncWindows = z.object({
  activeWindows: list(SyncWindow),
  assignedWindows: list(SyncWindow),
  canSync: z.boolean(),
  /** Where a person's sync is refused now. */
  refusal: WindowRefusal.exactOptional(),
  /** Where an automated sync has to wait now. */
  automatedRefusal: WindowRefusal.exactOptional(),
});
export type SyncWindows = z.infer<typeof SyncWindows>;
