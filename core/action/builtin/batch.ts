import { listAt, textAt, valueAt } from '../../object/json/field.ts';
import { isFields } from '../../object/manifest/check-manifest.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import type { ActionContext, ActionTable, BuiltinAction, Impact } from '../action.ts';
import { patchField } from '../change.ts';
import { controlledBy, derivedName } from '../derive.ts';

const isSuspended = (live: Manifest): boolean => valueAt(live, 'spec', 'suspend') === true;

/** Conditions with which a Job is over or about to be. */
const finalConditions = new Set(['Complete', 'Failed', 'FailureTarget', 'SuccessCriteriaMet']);

function isFinished(live: Manifest): boolean {
  return listAt(live, 'status', 'conditions').some(
    (condition) => finalConditions.has(textAt(condition, 'type')) && textAt(condition, 'status') === 'True',
  );
}

const suspend: BuiltinAction = {
  name: 'suspend',
  iconClass: 'fa fa-fw fa-pause',
  displayName: 'Suspend',
  offeredFor: (live) => !isSuspended(live) && !isFinished(live),
  run: (live) => patchField(live, ['spec', 'suspend'], true),
};

const resume: BuiltinAction = {
  name: 'resume',
  iconClass: 'fa fa-fw fa-play',
  displayName: 'Resume',
  offeredFor: (live) => isSuspended(live) && !isFinished(live),
  run: (live) => patchField(live, ['spec', 'suspend'], false),
};

/** As `kubectl create job --from=cronjob/…`. */
const createJob: BuiltinAction = {
  name: 'create-job',
  iconClass: 'fa fa-fw fa-plus',
  displayName: 'Create Job',
  run: makeJob,
};

const terminate: BuiltinAction = {
  name: 'terminate',
  iconClass: 'fa fa-fw fa-stop',
  displayName: 'Terminate',
  offeredFor: (live) => live['status'] !== undefined && !isFinished(live),
  run: failJob,
};

/** Actions of the workloads in `batch`. */
export const batchActions: ActionTable = {
  'batch/CronJob': [createJob, suspend, resume],
  'batch/Job': [suspend, resume, terminate],
};

function makeJob(live: Manifest, { now }: ActionContext): Impact[] {
  const given = valueAt(live, 'spec', 'jobTemplate', 'metadata');
  const template = isFields(given) ? given : {};
  const { namespace } = live.metadata;
  const metadata = {
    ...template,
    name: derivedName(live, now),
    ...(namespace === undefined ? {} : { namespace }),
    // Tells a run by hand from a scheduled one, as kubectl does.
    annotations: {
      ...(isFields(template['annotations']) ? template['annotations'] : {}),
      'cronjob.kubernetes.io/instantiate': 'manual',
    },
    // The CronJob counts it among its own: its history limits hold for it.
    ownerReferences: controlledBy(live),
  };
  const spec = valueAt(live, 'spec', 'jobTemplate', 'spec') ?? {};
  return [{ operation: 'create', manifest: { apiVersion: 'batch/v1', kind: 'Job', metadata, spec } }];
}

/** The Job controller takes a FailureTarget condition as the order to end the pods and fail the Job. */
function failJob(live: Manifest, { now }: ActionContext): Impact[] {
  if (isFinished(live)) return [];
  const order = {
    type: 'FailureTarget',
    status: 'True',
    reason: 'ManuallyTerminated',
    message: 'Job was terminated explicitly through Keelson',
    lastTransitionTime: now,
  };
  return patchField(live, ['status', 'conditions'], [...listAt(live, 'status', 'conditions'), order]);
}
