import { describe, expect, it } from 'vitest';
import { deletionApprovedAnnotation } from '../../object/annotations.ts';
import type { SyncWindow } from '../../project/project.ts';
import { openWindows } from '../../project/window/decision.ts';
import type { PlanGroup, SyncPlan } from '../plan/plan.ts';
import { planDelete } from '../plan/plan-delete.ts';
import { base, desired, live, options, plan, wave } from '../plan/plan-sync-cases.ts';
import { type GatedOperation, type GateFacts, gatesOf } from './gate.ts';

const requestedAt = new Date('2026-05-01T10:00:00Z');
const startedAt = new Date('2026-05-01T10:00:05Z');
const sync: GatedOperation = {
  kind: 'sync',
  applicationName: 'app',
  requestedAt,
  startedAt,
  initiatedBy: { automated: false },
  request: {},
};
const deletion: GatedOperation = { ...sync, kind: 'delete' };
const approvedAt = (text?: string, deletionRequestedAt: Date | null = null): GateFacts => ({
  annotations: text === undefined ? {} : { [deletionApprovedAnnotation]: text },
  deletionRequestedAt,
  windows: openWindows([]),
  now: startedAt.getTime(),
  begun: false,
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

describe('core/sync/gate of sync windows', () => {
  const window: SyncWindow = { kind: 'deny', schedule: '30 10 * * *', duration: '2h' };
  const opensAt = new Date('2026-05-01T12:30:00Z');
  const automated: GatedOperation = { ...sync, initiatedBy: { automated: true } };
  const facts = (windows: SyncWindow, more: Partial<GateFacts> = {}): GateFacts => ({
    ...approvedAt(),
    windows: openWindows([windows]),
    now: Date.parse('2026-05-01T11:00:00Z'),
    ...more,
  });
  const first = pruning.groups[0] as PlanGroup;
  const gates = (operation: GatedOperation, given: GateFacts) => gatesOf(operation, pruning, first, given);

  it('holds back every group of a sync once its windows are closed, until they open', () => {
    for (const operation of [sync, automated]) {
      for (const group of pruning.groups) {
        const gate = gatesOf(operation, pruning, group, facts(window)).find(({ kind }) => kind === 'window');
        expect(gate).toMatchObject({ until: opensAt, keys: [], steps: [] });
        expect(gate?.reason).toMatch(
          /^cannot sync: blocked by sync window: .* from 2026-05-01T12:30:00Z on$/,
        );
      }
    }
    expect(gates(automated, facts(window, { now: opensAt.getTime() }))).toEqual([]);
    expect(gates(automated, facts(window, { now: Date.parse('2026-05-01T10:30:00Z') }))).toEqual([]);
  });

  it('asks again when they open, and every ten minutes in between, never at once', () => {
    const recheck = (now: number) => gates(automated, facts(window, { now }))[0]?.recheckMilliseconds;
    expect(recheck(opensAt.getTime() - 3_600_000)).toBe(600_000);
    expect(recheck(opensAt.getTime() - 60_000)).toBe(60_000);
    expect(recheck(opensAt.getTime() - 1)).toBe(250);
  });

  it.each<[string, number, GatedOperation, SyncWindow]>([
    ['a manual sync where they let people through', 0, sync, { ...window, manualSync: true }],
    ['an automated one where they let people through', 1, automated, { ...window, manualSync: true }],
    ['one that started before, with syncOverrun', 0, automated, { ...window, syncOverrun: true }],
    [
      'one that started within, with syncOverrun',
      1,
      { ...automated, startedAt: new Date('2026-05-01T10:40:00Z') },
      { ...window, syncOverrun: true },
    ],
    ['one that breaks the glass', 0, { ...sync, request: { breakGlass: { reason: 'outage' } } }, window],
    ['a deletion', 0, deletion, window],
  ])('decides on %s: %i', (_title, closed, operation, given) => {
    expect(gates(operation, facts(given))).toHaveLength(closed);
  });

  it('lets a group be finished of which something was written', () => {
    expect(gates(automated, facts(window, { begun: true }))).toEqual([]);
  });

  it('names each gate that is closed, and has no time for a window that cannot be read', () => {
    const asking = pruning.groups.find(({ approval }) => approval !== undefined) as PlanGroup;
    const closed = gatesOf(automated, pruning, asking, facts({ ...window, duration: 'long' }));
    expect(closed.map(({ kind }) => kind)).toEqual(['approval', 'window']);
    expect(closed[1]).not.toHaveProperty('until');
    expect(closed[1]?.recheckMilliseconds).toBe(600_000);
  });
});
