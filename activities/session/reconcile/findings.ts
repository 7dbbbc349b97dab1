import {
  type ComparedObject,
  resourceStatusOf,
  type SeenObject,
} from '../../../core/application/compared.ts';
import type { FoundCondition } from '../../../core/application/conditions.ts';
import { annotationWarnings } from '../../../core/application/spec/annotation-warnings.ts';
import { ignoresExtraneous } from '../../../core/diff/context.ts';
import { withChildHealth } from '../../../core/health/child-health.ts';
import type { HealthAssessor } from '../../../core/health/health.ts';
import { noEffectConditions } from '../../../core/no-effect/application.ts';
import { formatKey, keyId } from '../../../core/object/key.ts';
import type { AppProject } from '../../../core/project/project.ts';
import { optionWarnings } from '../../../core/sync/options/option-places.ts';
import { parseSyncOptions, type SyncOptions } from '../../../core/sync/options/options.ts';
import { sharedResources } from '../../../core/sync/tracking/shared.ts';
import { needsDeletionApproval } from '../../../core/sync/walk/approval.ts';
import { someOf } from '../../../core/text/some-of.ts';
import { findStrangers, type Strangers } from '../../installation/strangers.ts';
import type { ClusterSession } from '../cluster-session.ts';
import type { ClusterView } from '../cluster-view.ts';
import { comparisonConditions } from '../compare/comparison-conditions.ts';
import { refusedWarning } from '../compare/conditions.ts';
import type { Picture } from '../compare/picture.ts';
import { healthErrors } from '../health/health-errors.ts';
import type { Subject } from './subject.ts';

/** A picture as people see it: with health and status of each object, and with what is odd about any. */
export type ShownPicture = Picture<ComparedObject> & { readonly findings: readonly FoundCondition[] };

/** What is asked besides the picture: who else desires an object, and whether this installation has applied it. */
type Memories = Pick<ClusterSession, 'applied' | 'desirers' | 'neighbourhood' | 'view'>;

/** Judges the objects of a picture, and finds what people should know about them. */
export async function showPicture(
  session: Memories,
  subject: Subject,
  picture: Picture,
): Promise<ShownPicture> {
  const { application, instance, attempt, project } = subject;
  const assess = assessorFor(session.view, picture);
  const objects = picture.objects.map((seen) => compared(assess, seen));
  const strangers = await findStrangers(session, objects, {
    application,
    instance,
    attempted: attempt !== null,
  });
  const syncOptions = application.spec.syncPolicy?.syncOptions ?? [];
  const options = parseSyncOptions(syncOptions);
  const oddities = [...optionWarnings(syncOptions), ...annotationWarnings(application.annotations)];
  return {
    ...picture,
    objects: objects.map((one) => withConfirmation(one, options, strangers)),
    findings: [
      ...picture.chosen.findings,
      ...oddities.map((message) => ({ type: 'SyncOptionWarning', message })),
      ...comparisonConditions(objects, picture.terms.fault),
      ...healthErrors(session.view, objects).map((message) => ({ type: 'ComparisonError', message })),
      ...sharedWith(session, subject, picture).map((message) => ({ type: 'SharedResourceWarning', message })),
      ...strangers.findings,
      ...refusedFindings(picture),
      ...noEffectConditions(application, project.usable ? rulesOfProject(project.project) : undefined),
    ],
  };
}

function rulesOfProject({ metadata: { name }, spec }: AppProject) {
  return { name, spec };
}

/** Most objects that one condition names. */
const mostNamed = 3;

/** Says of which objects nothing comes, since the project keeps the application from them. */
function refusedFindings({ objects, withheld }: Pick<Picture, 'objects' | 'withheld'>): FoundCondition[] {
  const desired = objects.flatMap(({ key, refusal }) =>
    refusal === undefined ? [] : [`${formatKey(key)}: ${refusal}`],
  );
  const left = withheld.map(({ key, refusal }) => `${formatKey(key)}: ${refusal}`);
  return [
    ...(desired.length === 0
      ? []
      : [{ type: refusedWarning, message: `not synced: ${someOf(desired, mostNamed, { by: '; ' })}` }]),
    ...(left.length === 0
      ? []
      : [
          {
            type: refusedWarning,
            message: `neither compared nor pruned: ${someOf(left, mostNamed, { by: '; ' })}`,
          },
        ]),
  ];
}

/** What judges the objects of one application. */
export function assessorFor(
  { assessHealth }: Pick<ClusterView, 'assessHealth'>,
  { restoresHealth }: { readonly restoresHealth?: boolean | undefined },
): HealthAssessor {
  return restoresHealth === true ? withChildHealth(assessHealth) : assessHealth;
}

/** One object with what is shown of it. */
function compared(assess: HealthAssessor, seen: SeenObject): ComparedObject {
  const health = seen.live === undefined ? undefined : assess(seen.live);
  const extraneous = seen.desired === undefined && seen.live !== undefined && ignoresExtraneous(seen.live);
  return { ...seen, health, extraneous, status: resourceStatusOf(seen, health) };
}

/** Sentences about desired objects that other applications have or desire as well. */
function sharedWith(
  { view, desirers }: Pick<Memories, 'desirers' | 'view'>,
  { application, instance }: Pick<Subject, 'application' | 'instance'>,
  { chosen, objects }: Picture,
): string[] {
  const liveById = new Map(
    objects.flatMap(({ key, live }) => (live === undefined ? [] : [[keyId(key), live] as const])),
  );
  const shared = sharedResources(
    chosen.kept.map(({ key }) => key),
    (key) => {
      const live = liveById.get(keyId(key));
      return live === undefined ? undefined : { key, metadata: live.metadata };
    },
    { instance, tracking: view.settings.tracking, title: `${application.namespace}/${application.name}` },
    (key) => desirers.of(key).map((desirer) => desirer.instance),
  );
  return [...shared.values()];
}

function withConfirmation(one: ComparedObject, options: SyncOptions, { asking }: Strangers): ComparedObject {
  const isStranger = one.live !== undefined && asking.has(one.live);
  if (one.hook || !(isStranger || needsDeletionApproval(one.desired, one.live, options))) return one;
  return { ...one, status: { ...one.status, requiresDeletionConfirmation: true } };
}
