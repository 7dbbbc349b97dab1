import type { Manifest } from '../../object/manifest/manifest.ts';
import type { ActionTable, BuiltinAction } from '../action.ts';
import { patchField, withField } from '../change.ts';
import { readReplicas } from './replicas.ts';

const pausedAnnotation = 'autoscaling.keda.sh/paused';
const pausedReplicas = 'autoscaling.keda.sh/paused-replicas';

const isHeld = ({ metadata: { annotations } }: Manifest): boolean =>
  annotations?.[pausedAnnotation] === 'true';
const isPaused = (live: Manifest): boolean =>
  isHeld(live) || live.metadata.annotations?.[pausedReplicas] !== undefined;

const scaler: readonly BuiltinAction[] = [
  {
    name: 'pause',
    iconClass: 'fa fa-fw fa-pause-circle',
    displayName: 'Pause',
    refuses: (live) => (isPaused(live) ? 'autoscaling is paused' : undefined),
    run: (live) => patchField(live, ['metadata', 'annotations', pausedAnnotation], 'true'),
  },
  {
    name: 'resume',
    iconClass: 'fa fa-fw fa-play-circle',
    displayName: 'Resume',
    refuses: (live) => (isPaused(live) ? undefined : 'autoscaling is not paused'),
    run: (live) =>
      patchField(
        withField(live, ['metadata', 'annotations', pausedReplicas], undefined),
        ['metadata', 'annotations', pausedAnnotation],
        undefined,
      ),
  },
];

/** Scales to a number of replicas and holds them there. */
const holdReplicas: BuiltinAction = {
  name: 'paused-replicas',
  iconClass: 'fa fa-fw fa-pause-circle',
  displayName: 'Pause at Replicas',
  params: (live) => [
    { name: 'replicas', type: 'number', default: live.metadata.annotations?.[pausedReplicas] ?? '0' },
  ],
  refuses: (live) => (isHeld(live) ? `annotation ${pausedAnnotation} is set; resume it first` : undefined),
  run: (live, context) =>
    patchField(live, ['metadata', 'annotations', pausedReplicas], String(readReplicas(context))),
};

/** KEDA. */
export const kedaActions: ActionTable = {
  'keda.sh/ScaledObject': [...scaler, holdReplicas],
  'keda.sh/ScaledJob': scaler,
};
