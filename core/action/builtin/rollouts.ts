import { listAt, numberAt, textAt, valueAt } from '../../object/json/field.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import type { ActionTable, BuiltinAction, Impact } from '../action.ts';
import { patchField, withField } from '../change.ts';

const isPausedBySpec = (live: Manifest): boolean => valueAt(live, 'spec', 'paused') === true;
const isPaused = (live: Manifest): boolean =>
  isPausedBySpec(live) || listAt(live, 'status', 'pauseConditions').length > 0;
const isAborted = (live: Manifest): boolean => valueAt(live, 'status', 'abort') === true;
const stepsOf = (live: Manifest): number => listAt(live, 'spec', 'strategy', 'canary', 'steps').length;

function whyPromoted(live: Manifest): string | undefined {
  const promoted = textAt(live, 'status', 'currentPodHash') === textAt(live, 'status', 'stableRS');
  return promoted ? 'the Rollout is fully promoted' : undefined;
}

function whyAborted(live: Manifest): string | undefined {
  return isAborted(live) ? 'the Rollout is aborted' : undefined;
}

/** Releases before 0.10 wrote a hash where newer ones count generations, and know no order to promote fully. */
function isBeforePromotion(live: Manifest): boolean {
  const observed = Number(valueAt(live, 'status', 'observedGeneration') ?? Number.NaN);
  return Number.isNaN(observed) || observed > Number(live.metadata.generation ?? 0);
}

/** Actions of Argo Rollouts: the fields that its kubectl plugin patches. */
const rollout: readonly BuiltinAction[] = [
  {
    name: 'restart',
    iconClass: 'fa fa-fw fa-sync',
    displayName: 'Restart Pods',
    run: (live, { now }) => patchField(live, ['spec', 'restartAt'], now),
  },
  {
    name: 'pause',
    iconClass: 'fa fa-fw fa-pause-circle',
    displayName: 'Pause',
    // A pause of the strategy is one of its steps: what the spec says comes on top of it.
    refuses: (live) =>
      whyPromoted(live) ?? whyAborted(live) ?? (isPausedBySpec(live) ? 'spec.paused is set' : undefined),
    run: (live) => patchField(live, ['spec', 'paused'], true),
  },
  {
    name: 'resume',
    iconClass: 'fa fa-fw fa-play-circle',
    displayName: 'Resume',
    refuses: (live) => (isPaused(live) ? undefined : 'the Rollout is not paused'),
    run: resumeRollout,
  },
  {
    name: 'abort',
    iconClass: 'fa fa-fw fa-stop-circle',
    displayName: 'Abort',
    refuses: (live) => whyPromoted(live) ?? whyAborted(live),
    run: (live) => patchField(live, ['status', 'abort'], true),
  },
  {
    name: 'retry',
    iconClass: 'fa fa-fw fa-redo',
    displayName: 'Retry',
    refuses: (live) => whyPromoted(live) ?? (isAborted(live) ? undefined : 'the Rollout is not aborted'),
    run: (live) => patchField(live, ['status', 'abort'], undefined),
  },
  {
    name: 'promote-full',
    iconClass: 'fa fa-fw fa-forward',
    displayName: 'Promote Full',
    refuses(live) {
      const isGreen = isBeforePromotion(live) && valueAt(live, 'spec', 'strategy', 'blueGreen') !== undefined;
      return whyPromoted(live) ?? (isGreen ? 'this release promotes canaries only' : undefined);
    },
    run: promoteFully,
  },
  {
    name: 'skip-current-step',
    iconClass: 'fa fa-fw fa-step-forward',
    displayName: 'Skip Current Step',
    refuses: (live) =>
      currentStep(live) < stepsOf(live) ? undefined : 'the Rollout has no canary step left',
    run: skipStep,
  },
];

const overPhases = new Set(['Successful', 'Failed', 'Error', 'Inconclusive']);

const terminateAnalysis: BuiltinAction = {
  name: 'terminate',
  iconClass: 'fa fa-fw fa-stop',
  displayName: 'Terminate',
  refuses(live) {
    if (valueAt(live, 'spec', 'terminate') === true) return 'the AnalysisRun is being terminated';
    return overPhases.has(textAt(live, 'status', 'phase')) ? 'the AnalysisRun is over' : undefined;
  },
  run: (live) => patchField(live, ['spec', 'terminate'], true),
};

/** Actions of Argo Rollouts. */
export const rolloutActions: ActionTable = {
  'argoproj.io/Rollout': rollout,
  'argoproj.io/AnalysisRun': [terminateAnalysis],
};

function resumeRollout(live: Manifest): Impact[] {
  const released = withField(live, ['status', 'pauseConditions'], undefined);
  return isPausedBySpec(live)
    ? patchField(released, ['spec', 'paused'], false)
    : [{ operation: 'patch', manifest: released }];
}

function currentStep(live: Manifest): number {
  return numberAt(live, 'status', 'currentStepIndex') ?? 0;
}

function skipStep(live: Manifest): Impact[] {
  const released = withField(live, ['status', 'pauseConditions'], undefined);
  return patchField(released, ['status', 'currentStepIndex'], currentStep(live) + 1);
}

function promoteFully(live: Manifest): Impact[] {
  if (!isBeforePromotion(live)) return patchField(live, ['status', 'promoteFull'], true);
  const wanted = withField(live, ['status', 'abort'], undefined);
  return stepsOf(live) === 0
    ? [{ operation: 'patch', manifest: wanted }]
    : patchField(wanted, ['status', 'currentStepIndex'], stepsOf(live));
}
