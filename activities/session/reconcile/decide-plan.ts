import type { ComparisonFailure, SeenObject } from '../../../core/application/compared.ts';
import type { ApplicationSpec } from '../../../core/application/spec/spec.ts';
import { mapBounded } from '../../../core/bounded.ts';
import { hasFormerManagers } from '../../../core/diff/fields/former-fields.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { migrationManagerAnnotation, syncGateAnnotation } from '../../../core/object/annotations.ts';
import { keyId } from '../../../core/object/key.ts';
import { formerManagers } from '../../../core/object/managers.ts';
import type { EffectiveProject } from '../../../core/project/effective.ts';
import { syncWriterOf } from '../../../core/project/roles/writer.ts';
import { whyUntrusted } from '../../../core/render-trust.ts';
import { concernsItself } from '../../../core/retry-policy.ts';
import type { SyncRequest } from '../../../core/sync/operation/operation.ts';
import { selectAnew } from '../../../core/sync/operation/selection.ts';
import { parseSyncOptions } from '../../../core/sync/options/options.ts';
import {
  type DesiredObject,
  desiredKey,
  type LiveObject,
  optionsInForce,
} from '../../../core/sync/plan/plan-input.ts';
import { refusedAsWhole } from '../../../core/sync/plan/plan-refusal.ts';
import { planSync } from '../../../core/sync/plan/plan-sync.ts';
import type { ContentStore } from '../../../db/content-store.ts';
import type { ApplicationRow } from '../../../db/queries/application/application.ts';
import type { RenderRow } from '../../../db/queries/application/render.ts';
import type { SettingsSource } from '../../../db/settings-source.ts';
import type { Jq } from '../../../platform/jq/jq.ts';
import type { AttemptRef } from '../../../workflows/messages.ts';
import type { AppliedMemory } from '../../installation/applied-memory.ts';
import { precheckPlan } from '../../plan/precheck.ts';
import { respectLiveFields } from '../../plan/respect-ignored.ts';
import type { DecidedPlan } from '../../plan/seal-plan.ts';
import type { ClusterSession } from '../cluster-session.ts';
import type { ClusterView } from '../cluster-view.ts';
import { compareDesired, type Judges, judge, type Terms } from '../compare/compare.ts';
import { withKinds } from '../compare/desired-objects.ts';
import { liveObject } from '../compare/live-object.ts';
import type { Picture } from '../compare/picture.ts';
import { isUnwatched, type UnwatchedMemory } from '../compare/unwatched.ts';

/** Objects looked at side by side: reads and dry runs overlap on the wire. */
const parallelReads = 20;

/** What a plan is decided for. */
export type PlanSubject = {
  readonly ref: AttemptRef;
  readonly request: SyncRequest;
  /** Whether the objects that the request names are chosen anew, by what differs now. */
  readonly chooses?: boolean;
  /** The spec that the operation carries out. */
  readonly spec: ApplicationSpec;
  readonly startedAt: Date;
  readonly application: Pick<ApplicationRow, 'annotations' | 'name' | 'namespace'>;
  /** The project of that spec, which has the last word on what is done for it. */
  readonly project: EffectiveProject;
  readonly render: Pick<RenderRow, 'revision' | 'warnings'>;
  /** The application by that spec and that render, beside its cluster. */
  readonly picture: Picture;
  readonly signal: AbortSignal;
};

/** What plans are decided with. */
export type PlanTools = {
  readonly settings: Pick<SettingsSource, 'current'>;
  readonly homeNamespace: string;
  readonly content: Pick<ContentStore, 'store'>;
  readonly jq: Pick<Jq, 'paths'>;
};

/** What of a session plans are decided by. */
export type PlannedOn = Pick<ClusterSession, 'client'> &
  Judges & {
    readonly view: Pick<ClusterView, 'address'>;
    readonly applied: Pick<AppliedMemory, 'has' | 'strangers'>;
    readonly unwatched: Pick<UnwatchedMemory, 'remember'>;
  };

/** Decides a sync by a picture; the API server is asked about writes that nobody judged yet. */
export async function decidePlan(
  tools: PlanTools,
  session: PlannedOn,
  subject: PlanSubject,
): Promise<DecidedPlan> {
  const { ref, request, chooses = false, spec, startedAt, application, render, picture, signal } = subject;
  const ground = { project: subject.project, cluster: session.view.address };
  const { refusal, account } = syncWriterOf(tools.settings.current(), tools.homeNamespace, ground, {
    namespace: subject.application.namespace,
    spec: subject.spec,
  });
  if (refusal !== undefined) return { plan: refusedAsWhole(refusal), warnings: [] };
  // A rule that can't be run stops the sync: nobody knows what differs.
  if (picture.terms.fault !== undefined) throw new KeelsonError('invalid-argument', picture.terms.fault);
  const { view } = session;
  const { instance } = picture;
  const desired = await withKinds(view, picture.desired);
  const { destination, syncPolicy } = spec;
  const destinationNamespace = destination.namespace ?? '';
  const managed = syncPolicy?.managedNamespaceMetadata;
  const syncOptions = syncPolicy?.syncOptions ?? [];
  const options = parseSyncOptions(optionsInForce({ request, application: { syncOptions } }));
  const written = options.respectIgnoreDifferences
    ? await respectLiveFields(tools, view, desired, picture.terms.context)
    : desired;
  const found = await liveSide(session, picture, desired, destinationNamespace);
  const resources = chooses
    ? selectAnew({ desired, live: found, request, application: { destinationNamespace } })
    : request.resources;
  const planned = planSync({
    desired: written,
    live: found,
    application: {
      instance,
      title: `${application.namespace}/${application.name}`,
      destinationNamespace,
      syncOptions,
      tracking: view.settings.tracking,
      ...(managed === undefined ? {} : { managedNamespaceMetadata: managed }),
      formerManager: application.annotations[migrationManagerAnnotation],
    },
    request: { ...request, resources },
    untrusted: whyUntrusted(render.warnings),
    operation: {
      startedAtUnix: Math.floor(startedAt.getTime() / 1000),
      revision: render.revision,
    },
    namespaceExists:
      view.get({ group: '', kind: 'Namespace', namespace: '', name: destinationNamespace }) !== undefined,
    gate: application.annotations[syncGateAnnotation] === 'all' ? 'all' : 'reference',
    refusalOf: picture.terms.refusalOf,
  });
  const applied = planned.plan.steps.flatMap(({ action, key }) => (action === 'apply' ? key : []));
  session.unwatched.remember(
    instance,
    applied.filter((key) => isUnwatched(view, key)),
  );
  const plan = request.dryRun
    ? planned.plan
    : await precheckPlan(planned.plan, {
        client: account === undefined ? session.client : session.client.as(account),
        ref,
        // Nothing is deleted here: an older state of the source says nothing against it.
        ground: {
          owner: { instance, tracking: view.settings.tracking },
          options,
          wanted: async () => false,
          applied: session.applied.has,
        },
        manifests: new Map(written.map(({ digest, manifest }) => [digest, manifest])),
        signal,
      });
  return { plan, warnings: planned.warnings };
}

/** The live side of a plan: what stands under desired keys, and what is tracked and no longer desired. */
async function liveSide(
  session: PlannedOn,
  picture: Picture,
  desired: readonly DesiredObject[],
  destinationNamespace: string,
): Promise<LiveObject[]> {
  const seen = new Map(
    picture.objects.flatMap((one) => (one.desired === undefined ? [] : [[keyId(one.key), one] as const])),
  );
  const looked = await mapBounded(desired, parallelReads, async (object) => {
    if (object.excluded === true) return undefined;
    const key = desiredKey(object, destinationNamespace);
    // A picture leaves out what no comparison counts, and knows an object by the scope that its render told.
    const one = seen.get(keyId(key)) ?? (await compareDesired(session, { ...object, key }, picture.terms));
    return plannedLive(session, object, one, picture.terms);
  });
  // Of several objects with one key the last counts, as it does for the plan.
  const found = new Map(looked.flatMap((one) => (one === undefined ? [] : [[keyId(one.key), one] as const])));
  const extra = picture.objects.flatMap((one) =>
    one.desired === undefined && one.live !== undefined ? [{ ...one, live: one.live }] : [],
  );
  const strangers = await session.applied.strangers(extra.map(({ live }) => live));
  return [
    ...found.values(),
    ...extra.map(({ live, formerlyTracked = false }) => ({
      ...liveObject(live, false),
      formerlyTracked,
      stranger: strangers.has(live),
    })),
  ];
}

/** What a plan knows of a live object under a desired key; undefined where there is none. */
async function plannedLive(
  session: Pick<Judges, 'verdicts'>,
  object: DesiredObject,
  { live, hook, copied, verdict, failure }: SeenObject,
  terms: Terms,
): Promise<LiveObject | undefined> {
  if (live === undefined) {
    requirePlannable(failure);
    return undefined;
  }
  // A version that isn't served can't be compared; the plan refuses it, or its step fails with the reason.
  if (hook || object.unknownKind !== undefined) return liveObject(live, true);
  requirePlannable(failure);
  // No comparison shows anything of a copy, but a sync of the object overwrites it.
  const again = copied ? await judge(session, object, live, terms) : undefined;
  // Safe: what can't be told counts as changed, and is asked about once more before anything is written.
  if (again !== undefined && 'failure' in again) requirePlannable(again.failure);
  const judged = again !== undefined && 'value' in again ? again.value : verdict;
  return {
    ...liveObject(live, judged?.changed ?? true),
    hasFormerManagers: hasFormerManagers(live, formerManagers),
    unjudged: judged === undefined || judged.reason !== undefined,
  };
}

/**
 * Lets a failure pass that says something of one object alone: the object's own write tells what is wrong with it. That
 * the cluster answers nobody is a reason to plan later.
 */
function requirePlannable(failure: ComparisonFailure | undefined): void {
  if (failure !== undefined && !concernsItself(failure.error)) throw failure.error;
}
