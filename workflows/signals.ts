import { defineSignal } from '@temporalio/workflow';
import type { SettledHint } from './messages.ts';

/** Hint that a group's objects may have settled; the workflow looks for itself. */
export const settledSignal = defineSignal<[SettledHint]>('settled');

/** Hint that the operation's row may ask for its end; the workflow looks for itself. */
export const nudgeSignal = defineSignal('nudge');

/** Hint that an application's dirty row was raised. */
export const wakeSignal = defineSignal('wake');
