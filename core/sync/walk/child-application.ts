import { sameJson } from '../../object/json/canonical.ts';
import { listAt, textAt, valueAt } from '../../object/json/field.ts';
import type { ResourceKey } from '../../object/key.ts';
import { isFields } from '../../object/manifest/check-manifest.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';

/** How far a child has come, and why not further. */
export type ChildState = { readonly state: 'waiting' | 'succeeded' | 'failed'; readonly message: string };

/** Whether an object is an application, which a parent then has as one of its objects. */
export function isApplication({ group, kind }: Pick<ResourceKey, 'group' | 'kind'>): boolean {
  return group === 'argoproj.io' && kind === 'Application';
}

/**
 * How far a child application has come after its parent wrote it. A wave waits for what comes about by itself: a child
 * that is synced by itself, or whose sync is running. Others would hold it up until somebody syncs them by hand, and are
 * waited for only where the parent asks for all (`awaited`).
 */
export function assessChild(live: Manifest, awaited: boolean): ChildState {
  const running = isRunning(live);
  if (!awaited && !isAutomated(live) && !running) {
    return { state: 'succeeded', message: 'not waited for, as it is not synced by itself' };
  }
  if (!isCompared(live)) return waiting(reasonOf(live) ?? 'its new spec is not compared yet');
  if (running) return waiting('its sync is running');
  return textAt(live, 'status', 'sync', 'status') === 'Synced' ? byHealth(live) : bySync(live);
}

function byHealth(live: Manifest): ChildState {
  const health = valueAt(live, 'status', 'health');
  const status = textAt(health, 'status');
  const message = textAt(health, 'message');
  if (status === 'Healthy') return { state: 'succeeded', message };
  if (status === 'Degraded') return { state: 'failed', message: message || 'it is Degraded' };
  return waiting(`it is ${status || 'not judged yet'}${message === '' ? '' : `: ${message}`}`);
}

/** A sync to what is compared now that has failed comes to nothing by itself; what has not begun may. */
function bySync(live: Manifest): ChildState {
  const last = valueAt(live, 'status', 'operationState');
  const failed = ['Failed', 'Error'].includes(textAt(last, 'phase'));
  const isSame = textAt(last, 'syncResult', 'revision') === textAt(live, 'status', 'sync', 'revision');
  if (failed && isSame) {
    return { state: 'failed', message: `its sync has failed: ${textAt(last, 'message')}` };
  }
  const status = textAt(live, 'status', 'sync', 'status') || 'not compared yet';
  return waiting(reasonOf(live) ?? `it is ${status}`);
}

function waiting(message: string): ChildState {
  return { state: 'waiting', message };
}

/** What keeps a child from being compared or synced, in its own words. */
function reasonOf(live: Manifest): string | undefined {
  const errors = listAt(live, 'status', 'conditions').filter((one) => textAt(one, 'type').endsWith('Error'));
  return errors.length === 0 ? undefined : textAt(errors[0], 'message');
}

function isAutomated(live: Manifest): boolean {
  const automated = valueAt(live, 'spec', 'syncPolicy', 'automated');
  return isFields(automated) && automated['enabled'] !== false;
}

function isRunning(live: Manifest): boolean {
  return (
    valueAt(live, 'operation') !== undefined ||
    ['Running', 'Terminating'].includes(textAt(live, 'status', 'operationState', 'phase'))
  );
}

/** Whether the status speaks of the spec that is there now; one that names no spec is believed. */
function isCompared(live: Manifest): boolean {
  if (textAt(live, 'status', 'sync', 'status') === '') return false;
  const compared = valueAt(live, 'status', 'sync', 'comparedTo');
  if (compared === undefined) return true;
  return sameJson(subjectOf(compared), subjectOf(valueAt(live, 'spec')));
}

/** Sources and namespace; the cluster may be named in two ways. */
function subjectOf(spec: unknown): unknown {
  const sources = listAt(spec, 'sources');
  return withoutEmpty({
    sources: sources.length > 0 ? sources : [valueAt(spec, 'source')],
    namespace: valueAt(spec, 'destination', 'namespace'),
  });
}

/** What says nothing is left out by one writer and kept by another. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (!isFields(value)) return value;
  const kept = Object.entries(value).map(([name, child]) => [name, withoutEmpty(child)] as const);
  return Object.fromEntries(kept.filter(([, child]) => !isEmpty(child)));
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isFields(value) && Object.keys(value).length === 0;
}
