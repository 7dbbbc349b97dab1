import { describe, expect, it } from 'vitest';
import type { SyncRequest } from '../operation/operation.ts';
import type { LiveObject, PlanInput } from './plan-sync.ts';
import {
  desired,
  hook,
  type LiveShape,
  line,
  lines,
  live,
  options,
  plan,
  request,
  trackingId,
  wave,
} from './plan-sync-cases.ts';

describe('core/sync/plan-sync prunes', () => {
  it('prunes nothing, and says why, while the source can not be read in full', () => {
    const untrusted = 'the source could not be read in full: a.yaml:3 is broken';
    const { steps } = plan({
      desired: [desired('ConfigMap', 'new')],
      live: [live('Service', 'old')],
      untrusted,
    });
    expect(steps.map(({ action, note }) => [action, note])).toEqual([
      ['skip-prune', `ignored (${untrusted})`],
      ['apply', undefined],
    ]);
  });

  it('prunes first in a group and in mirrored waves', () => {
    expect(
      lines({
        desired: [
          desired('ConfigMap', 'new'),
          desired('ConfigMap', 'later', { annotations: { [wave]: '2' } }),
        ],
        live: [
          live('Service', 'first', { annotations: { [wave]: '0' } }),
          live('Service', 'last', { annotations: { [wave]: '2' } }),
        ],
      }),
    ).toEqual([
      'Sync 0.0 prune Service/last',
      'Sync 0.1 apply ConfigMap/new',
      'Sync 2.0 prune Service/first',
      'Sync 2.1 apply ConfigMap/later',
    ]);
  });

  it.each<[string, Partial<PlanInput>]>([
    [
      'the application says so',
      { request: { ...request, syncOptions: ['PruneLast=true'] }, live: [live('Service', 'old')] },
    ],
    [
      'the object says so',
      { live: [live('Service', 'old', { annotations: { [options]: 'PruneLast=true' } })] },
    ],
  ])('prunes behind the last wave of the Sync phase when %s', (_name, input) => {
    const late = desired('ConfigMap', 'late', { annotations: { [wave]: '3' } });
    const after = desired('batch/Job', 'after', { annotations: { [hook]: 'PostSync', [wave]: '9' } });
    expect(lines({ ...input, desired: [late, after] })).toEqual([
      'Sync 3.0 apply ConfigMap/late',
      'Sync 4.0 prune Service/old',
      'PostSync 9.0 create-hook Job/after',
    ]);
  });

  it('prunes the object that it saw, with the propagation policy in force', () => {
    const { steps } = plan({
      live: [live('Service', 'old')],
      request: { ...request, syncOptions: ['PrunePropagationPolicy=background'] },
    });
    expect(steps[0]).toMatchObject({
      action: 'prune',
      uid: 'uid-old',
      propagationPolicy: 'background',
      apiVersion: 'v1',
    });
    expect(steps[0]).not.toHaveProperty('digest');
  });

  it.each<[string, string, Partial<SyncRequest>, LiveShape]>([
    ['the request does not prune', 'ignored (requires pruning)', { prune: false }, {}],
    ['the object forbids it', 'ignored (no prune)', {}, { annotations: { [options]: 'Prune=false' } }],
    ['the application forbids it', 'ignored (no prune)', { syncOptions: ['Prune=false'] }, {}],
    ['neither wants it', 'ignored (no prune)', { prune: false, syncOptions: ['Prune=false'] }, {}],
  ])('keeps an object with a note when %s', (_name, note, change, shape) => {
    const { steps } = plan({ request: { ...request, ...change }, live: [live('Service', 'old', shape)] });
    expect(steps).toMatchObject([{ action: 'skip-prune', note }]);
  });

  it.each<[string, Partial<SyncRequest>, LiveShape]>([
    ['the object', {}, { annotations: { [options]: 'Prune=confirm' } }],
    ['the application', { syncOptions: ['Prune=confirm'] }, {}],
  ])('makes the group of a deletion wait for an approval when %s says so', (_name, change, shape) => {
    const input = {
      request: { ...request, ...change },
      desired: [desired('ConfigMap', 'new')],
      live: [
        live('Service', 'old', shape),
        live('Service', 'free', { annotations: { [options]: 'Prune=true' } }),
      ],
    };
    const { steps, groups } = plan(input);
    expect(steps.map((step) => [line(step), step.needsApproval])).toEqual([
      ['Sync 0.0 prune Service/free', undefined],
      ['Sync 0.0 prune Service/old', true],
      ['Sync 0.1 apply ConfigMap/new', undefined],
    ]);
    expect(groups).toEqual([{ phase: 'Sync', wave: 0, first: 0, count: 3, settle: false, approval: [1] }]);
    const dryRun = plan({ ...input, request: { ...input.request, dryRun: true } });
    expect(dryRun.groups[0]).not.toHaveProperty('approval');
    const withoutPrune = plan({ ...input, request: { ...input.request, prune: false } });
    expect(withoutPrune.groups[0]).not.toHaveProperty('approval');
  });

  it('makes a group wait for an approval to prune what this installation has never applied', () => {
    const stranger = (name: string, annotations = {}): LiveObject => ({
      ...live('Service', name, { annotations }),
      stranger: true,
    });
    const input = {
      desired: [desired('ConfigMap', 'new'), desired('ConfigMap', 'taken')],
      live: [
        // An object's own word that it may go is not the word of those to whom it may belong.
        stranger('old', { [options]: 'Prune=true' }),
        stranger('kept', { [options]: 'Prune=false' }),
        { ...live('ConfigMap', 'taken'), stranger: true },
        live('Service', 'own'),
      ],
    };
    const { steps, groups } = plan(input);
    expect(steps.map((step) => [line(step), step.needsApproval, step.stranger])).toEqual([
      ['Sync 0.0 skip-prune Service/kept', undefined, undefined],
      ['Sync 0.0 prune Service/old', true, true],
      ['Sync 0.0 prune Service/own', undefined, undefined],
      ['Sync 0.1 apply ConfigMap/new', undefined, undefined],
      ['Sync 0.1 apply ConfigMap/taken', undefined, undefined],
    ]);
    expect(groups).toMatchObject([{ approval: [1] }]);
    const dryRun = plan({ ...input, request: { ...request, dryRun: true } });
    expect(dryRun.groups[0]).not.toHaveProperty('approval');
  });

  it.each<[string, LiveObject]>([
    ['an owner', live('Service', 'old', { owned: true })],
    ['another application', live('Service', 'old', { owner: 'other' })],
    [
      'a copied tracking id',
      live('Service', 'old', { annotations: { [trackingId]: 'app:/Service:prod/source' } }),
    ],
    ['no tracking id', live('Service', 'old', { annotations: { [trackingId]: '' } })],
    ['a hook annotation', live('Service', 'old', { annotations: { [hook]: 'Sync' } })],
    ['the word Skip', live('Service', 'old', { annotations: { [hook]: 'Skip' } })],
    [
      'a foreign installation',
      live('Service', 'old', { annotations: { 'argocd.argoproj.io/installation-id': 'x' } }),
    ],
  ])('never prunes an object with %s', (_name, object) => {
    expect(lines({ live: [object] })).toEqual([]);
  });
});
