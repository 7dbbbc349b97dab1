import { numberAt, valueAt } from '../../object/json/field.ts';
import type { ActionTable, BuiltinAction } from '../action.ts';
import { patchField } from '../change.ts';
import { readReplicas } from './replicas.ts';

/** As `kubectl rollout restart`: the changed template makes the controller replace the pods. */
const restart: BuiltinAction = {
  name: 'restart',
  iconClass: 'fa fa-fw fa-sync',
  displayName: 'Restart',
  run: (live, { now }) =>
    patchField(
      live,
      ['spec', 'template', 'metadata', 'annotations', 'kubectl.kubernetes.io/restartedAt'],
      now,
    ),
};

const scale: BuiltinAction = {
  name: 'scale',
  iconClass: 'fa fa-fw fa-plus-circle',
  displayName: 'Scale',
  params: (live) => [
    { name: 'replicas', type: 'number', default: String(numberAt(live, 'spec', 'replicas') ?? 1) },
  ],
  run: (live, context) => patchField(live, ['spec', 'replicas'], readReplicas(context)),
};

const pause: BuiltinAction = {
  name: 'pause',
  iconClass: 'fa fa-fw fa-pause-circle',
  displayName: 'Pause',
  refuses: (live) => (valueAt(live, 'spec', 'paused') === true ? 'the Deployment is paused' : undefined),
  run: (live) => patchField(live, ['spec', 'paused'], true),
};

const resume: BuiltinAction = {
  name: 'resume',
  iconClass: 'fa fa-fw fa-play-circle',
  displayName: 'Resume',
  refuses: (live) => (valueAt(live, 'spec', 'paused') === true ? undefined : 'the Deployment is not paused'),
  run: (live) => patchField(live, ['spec', 'paused'], undefined),
};

/** Actions of the workloads in `apps`. */
export const appsActions: ActionTable = {
  'apps/Deployment': [restart, pause, resume, scale],
  'apps/StatefulSet': [restart, scale],
  'apps/DaemonSet': [restart],
};
