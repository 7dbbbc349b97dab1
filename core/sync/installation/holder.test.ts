import { describe, expect, it } from 'vitest';
import type { Owner, TrackingMethod } from '../tracking/tracking.ts';
import { type Held, holdingOf, replacedNote } from './holder.ts';

const id = 'argocd.argoproj.io/tracking-id';
const installation = 'argocd.argoproj.io/installation-id';
const stamp = 'keelson.dev/step';
const label = 'app.kubernetes.io/instance';
const key = { group: 'batch', kind: 'Job', namespace: 'prod', name: 'x' };
const claims = (instance: string) => ({ [id]: `${instance}:batch/Job:prod/x` });

function live(annotations: Record<string, string>, metadata: Partial<Held['metadata']> = {}): Held {
  return { key, metadata: { annotations, ...metadata } };
}

function labelled(value: string, manager: string, operation = 'Update'): Held {
  const fieldsV1 = { 'f:metadata': { 'f:labels': { [`f:${label}`]: {} } } };
  return live({}, { labels: { [label]: value }, managedFields: [{ manager, operation, fieldsV1 }] });
}

const owner = (installationId?: string, method: TrackingMethod = 'annotation'): Owner => ({
  instance: 'shop',
  tracking: { method, ...(installationId === undefined ? {} : { installationId }) },
});

const own = 'application';
const north = 'it belongs to application shop of the installation with the installationID north';
const without = 'it belongs to application shop of an installation without installationID';
const stranger = 'another installation of Keelson made it';
const owned = { ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'nightly', uid: 'u' }] };

describe('core/sync/installation/holder', () => {
  it.each<[what: string, live: Held, owner: Owner, applied: boolean, holder: string]>([
    ['with the application’s mark', live(claims('shop')), owner(), true, own],
    ['with its mark that it has not applied', live(claims('shop')), owner(), false, own],
    ['with another’s mark', live(claims('other')), owner(), true, 'it belongs to application other'],
    ['without any', live({}), owner(), false, 'nobody'],
    ['with the mark of another object', live({ [id]: 'other:/Secret:prod/y' }), owner(), false, 'nobody'],
    ['of another installation', live({ ...claims('shop'), [installation]: 'north' }), owner(), true, north],
    ['of another than ours', live({ ...claims('shop'), [installation]: 'north' }), owner('b'), true, north],
    ['of one without id', live(claims('shop')), owner('b'), false, without],
    ['from before our id', live(claims('shop')), owner('b'), true, own],
    ['of our installation', live({ ...claims('shop'), [installation]: 'b' }), owner('b'), false, own],
    ['of another object', live({}, owned), owner(), true, 'it is owned by CronJob nightly'],
    ['of ours with an owner', live(claims('shop'), owned), owner(), true, own],
    ['with a stamp of ours', live({ [stamp]: 'op/1/0' }), owner(), true, own],
    ['with a stamp of somebody', live({ [stamp]: 'op/1/0' }), owner(), false, stranger],
    [
      'with a label of the reference',
      labelled('other', 'argocd-controller'),
      owner(),
      false,
      'it belongs to application other',
    ],
    ['with its label by the reference', labelled('shop', 'argocd-controller'), owner(), false, own],
    [
      'with a label of Keelson',
      labelled('other', 'keelson', 'Apply'),
      owner(),
      false,
      'it belongs to application other',
    ],
    ['with a label on what we wrote', labelled('release', 'keelson', 'Apply'), owner(), true, 'nobody'],
    ['with a chart’s label', labelled('release', 'helm'), owner(), false, 'nobody'],
    [
      'with a label that counts',
      labelled('other', 'helm'),
      owner(undefined, 'label'),
      true,
      'it belongs to application other',
    ],
    [
      'with a label that counts and a mark of elsewhere',
      live({ ...claims('shop'), [installation]: 'north' }, { labels: { [label]: 'shop' } }),
      owner(undefined, 'label'),
      true,
      north,
    ],
    [
      'with a label that counts and a mark from before our id',
      live(claims('shop'), { labels: { [label]: 'shop' } }),
      owner('b', 'label'),
      false,
      own,
    ],
  ])('tells whose an object is: one %s', (_, object, who, applied, holder) => {
    const holding = holdingOf(object, who, applied);
    expect(holding.by === 'other' ? holding.reason : holding.by).toBe(holder);
  });

  it('says what was deleted where it was not surely the application’s', () => {
    expect(replacedNote({ by: 'application' }, true)).toBeUndefined();
    expect(replacedNote({ by: 'application' }, false)).toContain('is not known to have applied it');
    expect(replacedNote({ by: 'nobody' }, true)).toContain('belonged to no application');
  });
});
