import { describe, expect, it } from 'vitest';
import { deletionApprovedAnnotation } from '../../object/annotations.ts';
import type { PlanGroup, SyncPlan } from '../plan/plan.ts';
import { planDelete } from '../plan/plan-delete.ts';
import { base, desired, live, options, plan, wave } from '../plan/plan-sync-cases.ts';
import { type GatedOperation, type GateFacts, gatesOf } from './gate.ts';

const requestedAt = new Date('2026-05-01T10:00:00Z');
const startedAt = new Date('2026-05-01T10:00:05Z');
const sync: GatedOperation = { kind: 'sync', applicationName: 'app', requestedAt, startedAt };
const deletion: GatedOperation = { ...sync, kind: 'delete' };
const approvedAt = (text?: string, deletionRequestedAt: Date | null = null): GateFacts => ({
  annotations: text === undefined ? {} : { [deletionApprovedAnnotation]: text },
  deletionRequestedAt,
});
const confirm = { annotations: { [options]: 'Prune=confirm,Delete=confirm' } };

function groupOf({ groups }: SyncPlan, phase: string, at: number): PlanGroup {
  const group = groups.find((one) => one.phase === phase && one.wave === at);
  if (group === undefined) throw new TypeError(`the plan has no group ${phase} ${at}`);
  return group;
}

/** A sync that writes one object and prunes another, which somebody has to confirm, in the wave after it. */
const pruning = plan({
  desired: [
    desired('ConfigMap', 'first', { namespace: 'prod' }),
    desired('ConfigMap', 'last', { namespace: 'prod', annotations: { [wave]: '1' } }),
  ],
  live: [
    live('Secret', 'old', { annotations: { ...confirm.annotations, [wave]: '0' } }),
    live('Secret', 'older', { annotations: { [wave]: '1' } }),
  ],
});

/** A deletion of objects in two waves, of which the one that goes last has to be confirmed. */
const deleting = planDelete({
  live: [live('Secret', 'keep', confirm), live('Service', 'web', { annotations: { [wave]: '1' } })],
  desired: [],
  application: { ...base.application, name: 'app', namespace: 'argocd' },
  cascade: 'foreground',
  refusalOf: base.refusalOf,
  skipPreDelete: false,
  operation: base.operation,
});

describe('core/sync/gate', () => {
  it('holds back the group alone whose deletions nobody has approved, and names them', () => {
    const asking = pruning.groups.find(({ approval }) => approval !== undefined) as PlanGroup;
    const [gate, ...others] = gatesOf(sync, pruning, asking, approvedAt());
    expect(others).toEqual([]);
    expect(gate).toMatchObject({
      kind: 'approval',
      steps: asking.approval,
      keys: [{ kind: 'Secret', name: 'old' }],
      reason: 'waiting for pruning confirmation of /Secret/old',
    });
    expect(gate?.recheckMilliseconds).toBeGreaterThan(0);
    for (const group of pruning.groups)
      expect(gatesOf(sync, pruning, group, approvedAt())).toHaveLength(group === asking ? 1 : 0);
  });

  it.each<[string, string | undefined, number]>([
    ['once it was approved after its start', '2026-05-01T10:00:05Z', 0],
    ['not by an approval between its request and its start', '2026-05-01T10:00:04Z', 1],
    ['not by words that are no time', 'yes', 1],
  ])('lets a sync go on %s', (_title, text, closed) => {
    const asking = pruning.groups.find(({ approval }) => approval !== undefined) as PlanGroup;
    expect(gatesOf(sync, pruning, asking, approvedAt(text))).toHaveLength(closed);
  });

  it('asks before the first object of a deletion goes for all that have to be confirmed', () => {
    const [gate] = gatesOf(deletion, deleting, groupOf(deleting, 'Delete', 1), approvedAt());
    expect(gate?.keys).toEqual([expect.objectContaining({ kind: 'Secret', name: 'keep' })]);
    expect(gate?.reason).toMatch(
      /^waiting for confirmation that Secret prod\/keep may be deleted; confirm with keelson app confirm-deletion app, or /,
    );
    expect(gatesOf(deletion, deleting, groupOf(deleting, 'Delete', 0), approvedAt())).toHaveLength(1);
  });

  it('takes a confirmation since the request to delete the application, also one before the operation', () => {
    const first = groupOf(deleting, 'Delete', 1);
    const asked = new Date('2026-05-01T09:00:00Z');
    expect(gatesOf(deletion, deleting, first, approvedAt('2026-05-01T09:30:00Z', asked))).toEqual([]);
    expect(gatesOf(deletion, deleting, first, approvedAt('2026-05-01T08:59:59Z', asked))).toHaveLength(1);
    expect(gatesOf(deletion, deleting, first, approvedAt('2026-05-01T09:30:00Z'))).toHaveLength(1);
  });

  it('holds hooks of a deletion back for nothing', () => {
    const before: PlanGroup = { phase: 'PreDelete', wave: 0, first: 0, count: 1, settle: true };
    expect(gatesOf(deletion, deleting, before, approvedAt())).toEqual([]);
  });
});
