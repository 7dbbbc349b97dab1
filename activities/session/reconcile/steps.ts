import { buildTree } from '../../../cluster/tree/tree.ts';
import type { Observed } from '../../../core/application/observe.ts';
import { describeError, KeelsonError } from '../../../core/errors.ts';
import { keyId } from '../../../core/object/key.ts';
import { keyOf, type Manifest } from '../../../core/object/manifest/manifest.ts';
import type { SelfHealDelay } from '../../../core/settings/words/read-pace.ts';
import type { StoredNode, TreeNode } from '../../../core/wire/tree.ts';
import type { SessionDeps } from '../../deps.ts';
import { type ClusterSession, isOver } from '../cluster-session.ts';
import type { ClusterView } from '../cluster-view.ts';
import { comparedConditions, failedConditions } from '../compare/conditions.ts';
import { type AutoSync, followDecision } from './auto-sync.ts';
import { catchUp } from './catch-up.ts';
import { assessorFor } from './findings.ts';
import { recordHold, withinWindows } from './hold-back.ts';
import { isRefused } from './refused.ts';
import { saveUnknown } from './save-unknown.ts';
import { answeredBy, readRows, readSubject, type Subject } from './subject.ts';
import { lastingFailure, pictureOf, type TakenPicture } from './take.ts';

/** What a comparison of one application does, step by step; each step has what it needs, and no other. */
export type ComparisonSteps = {
  /** Undefined for an application that isn't on the session's cluster any more. */
  readSubject(applicationId: string): Promise<Subject | undefined>;
  /** Undefined where nothing can be told now: the session is over, or a failure was stored that says why. */
  takePicture(subject: Subject): Promise<TakenPicture | undefined>;
  /** Waits until the cache has seen what an operation that has just ended wrote; answers whether it had to. */
  catchUp(subject: Subject): Promise<boolean>;
  /** How long a self-heal waits after the sync before it, as of now. */
  selfHealDelay(): SelfHealDelay;
  /** What was decided about an automated sync, unless its sync windows are closed. */
  withinWindows(subject: Subject, automation: AutoSync): Promise<AutoSync>;
  save(subject: Subject, picture: TakenPicture, observed: Observed, automation: AutoSync): Promise<void>;
  /** Does what was decided about an automated sync. */
  follow(subject: Subject, picture: TakenPicture, observed: Observed, automation: AutoSync): Promise<void>;
  /** Makes visible what keeps an application from being compared, where trying again has not helped. */
  reportFailure(applicationId: string, error: unknown): Promise<void>;
};

/** The steps over one session. */
export function comparisonSteps(deps: SessionDeps, session: ClusterSession): ComparisonSteps {
  return {
    async readSubject(applicationId) {
      const subject = await readSubject(deps, session.clusterId, applicationId);
      if (subject === undefined) {
        session.desirers.drop(applicationId);
        session.orphanWatch.note(applicationId, undefined);
      }
      return subject;
    },
    async takePicture(subject) {
      // Its successor compares by the settings that renders are made with now, and asks as whom the cluster is registered.
      if (isOver(deps.settings, session)) return undefined;
      if (await isRefused(deps, session, subject)) return undefined;
      const picture = await pictureOf(deps, session, subject).catch(lastingFailure);
      if (session.client.retired.aborted) return undefined;
      if (!(picture instanceof KeelsonError)) return picture;
      await saveUnknown(session, subject, failedConditions(subject.application, picture));
      return undefined;
    },
    selfHealDelay() {
      const { flatSeconds = deps.selfHealSeconds, ...growing } = deps.settings.current().selfHealDelay;
      return flatSeconds === undefined ? growing : { ...growing, flatSeconds };
    },
    catchUp: ({ latest }) => catchUp(deps, session.view, latest),
    withinWindows: (subject, automation) => withinWindows(deps, subject, automation),
    async save(subject, picture, observed, { decision }) {
      const { application, render } = subject;
      await session.observations.save(application, {
        observed,
        conditions: comparedConditions(application, render, picture.findings, decision),
        nodes: treeOf(session.view, picture),
        ...answeredBy(subject),
      });
    },
    async follow(subject, picture, observed, automation) {
      await recordHold(deps, session, subject, automation);
      await followDecision(deps, session, { subject, picture, observed }, automation);
    },
    async reportFailure(applicationId, error) {
      const subject = await readRows(deps.db, session.clusterId, applicationId);
      if (subject === undefined) return;
      const shown =
        error instanceof KeelsonError
          ? error
          : new KeelsonError('internal', describeError(error), { cause: error });
      await saveUnknown(session, subject, failedConditions(subject.application, shown));
    },
  };
}

/** Most nodes of objects that no application has; a namespace may be full of them. */
const mostOrphaned = 1000;

function treeOf(view: ClusterView, picture: TakenPicture): StoredNode[] {
  const { objects, orphans } = picture;
  // A hook that does not exist at the moment is nothing that is missing.
  const roots = objects.flatMap(({ hook, live, desired }) => live ?? (hook ? [] : (desired ?? [])));
  const nodes = treeFrom(view, picture, roots);
  if (orphans.length === 0) return nodes;
  const known = new Set(nodes.map(keyId));
  const orphaned = treeFrom(view, picture, orphans.slice(0, mostOrphaned));
  return [
    ...nodes,
    ...orphaned
      .filter((node) => !known.has(keyId(node)))
      .slice(0, mostOrphaned)
      .map((node) => ({ ...node, orphaned: true as const })),
  ];
}

function treeFrom(view: ClusterView, picture: TakenPicture, roots: readonly Manifest[]): TreeNode[] {
  const { terms } = picture;
  return buildTree({
    permits: (key) => terms.refusalOf(key) === undefined,
    targets: roots.map((object) => ({ key: keyOf(object), apiVersion: object.apiVersion })),
    get: view.get,
    children: view.children,
    assessHealth: assessorFor(view, picture),
    maskedAnnotations: view.settings.maskedAnnotations,
  });
}
