import { isFields } from '../../object/check-manifest.ts';
import { listAt, numberAt, textAt, valueAt } from '../../object/field.ts';
import type { Manifest } from '../../object/manifest.ts';
import type { ActionContext, ActionTable, BuiltinAction, Impact } from '../action.ts';
import { patchField, withField } from '../change.ts';
import { derivedName, ownedBy } from '../derive.ts';

const isPausedBySpec = (live: Manifest): boolean => valueAt(live, 'spec', 'paused') === true;
const isPaused = (live: Manifest): boolean =>
  isPausedBySpec(live) || listAt(live, 'status', 'pauseConditions').length > 0;
const isAborted = (live: Manifest): boolean => valueAt(live, 'status', 'abort') === true;

function whyPromoted(live: Manifest): string | undefined {
  const promoted = textAt(live, 'status', 'currentPodHash') === textAt(live, 'status', 'stableRS');
  return promoted ? 'the Rollout is fully promoted' : undefined;
}

/** Actions of Argo Rollouts: the fields that its kubectl plugin patches. */
const rollout: readonly BuiltinAction[] = [
  {
    name: 'restart',
    iconClass: 'fa fa-fw fa-sync',
    displayName: 'Restart',
    run: (live, { now }) => patchField(live, ['spec', 'restartAt'], now),
  },
  {
    name: 'pause',
    iconClass: 'fa fa-fw fa-pause-circle',
    displayName: 'Pause',
    refuses: (live) => (isPaused(live) ? 'the Rollout is paused' : undefined),
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
    refuses: (live) => whyPromoted(live) ?? (isAborted(live) ? 'the Rollout is aborted' : undefined),
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
    refuses: whyPromoted,
    run: (live) => patchField(live, ['status', 'promoteFull'], true),
  },
  {
    name: 'skip-current-step',
    iconClass: 'fa fa-fw fa-step-forward',
    displayName: 'Skip Current Step',
    refuses: (live) =>
      currentStep(live) < listAt(live, 'spec', 'strategy', 'canary', 'steps').length
        ? undefined
        : 'the Rollout has no canary step left',
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

const submit: Pick<BuiltinAction, 'name' | 'iconClass' | 'displayName'> = {
  name: 'create-workflow',
  iconClass: 'fa fa-fw fa-plus',
  displayName: 'Create Workflow',
};

/** Actions of the projects in `argoproj.io`. */
export const argoprojActions: ActionTable = {
  'argoproj.io/Rollout': rollout,
  'argoproj.io/AnalysisRun': [terminateAnalysis],
  'argoproj.io/CronWorkflow': [{ ...submit, run: submitCron }],
  'argoproj.io/WorkflowTemplate': [{ ...submit, run: submitTemplate }],
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

const instanceLabel = 'workflows.argoproj.io/controller-instanceid';

/** As `argo submit --from=cronwf/…`. */
function submitCron(live: Manifest, { now }: ActionContext): Impact[] {
  const template = valueAt(live, 'spec', 'workflowMetadata');
  const given = isFields(template) ? template : {};
  const instance = live.metadata.labels?.[instanceLabel];
  const labels = {
    ...fieldsOf(given['labels']),
    'workflows.argoproj.io/cron-workflow': live.metadata.name,
    ...(instance === undefined ? {} : { [instanceLabel]: instance }),
  };
  const annotations = { ...fieldsOf(given['annotations']), 'workflows.argoproj.io/scheduled-time': now };
  const spec = valueAt(live, 'spec', 'workflowSpec') ?? {};
  return workflow(live, now, { ...given, labels, annotations }, spec);
}

/** As `argo submit --from=workflowtemplate/…`. */
function submitTemplate(live: Manifest, { now }: ActionContext): Impact[] {
  const labels = { 'workflows.argoproj.io/workflow-template': live.metadata.name };
  return workflow(live, now, { labels }, { workflowTemplateRef: { name: live.metadata.name } });
}

function workflow(live: Manifest, now: string, given: object, spec: unknown): Impact[] {
  const { namespace } = live.metadata;
  const metadata = {
    ...given,
    name: derivedName(live, now),
    ...(namespace === undefined ? {} : { namespace }),
    ownerReferences: ownedBy(live),
  };
  return [
    { operation: 'create', manifest: { apiVersion: live.apiVersion, kind: 'Workflow', metadata, spec } },
  ];
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isFields(value) ? value : {};
}
