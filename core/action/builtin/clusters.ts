import { conditionOf, textAt, valueAt } from '../../object/json/field.ts';
import { type Manifest, versionOf } from '../../object/manifest/manifest.ts';
import type { ActionTable, BuiltinAction } from '../action.ts';
import { patchField } from '../change.ts';
import { kedaActions } from './keda.ts';
import { annotationSwitch, fieldSwitch, order, pauseResume, stopStart, suspendResume } from './switches.ts';

const paused = fieldSwitch(['spec', 'paused'], pauseResume);
const suspended = fieldSwitch(['spec', 'suspend'], suspendResume);

/** Ray deletes the pods of a suspended cluster, whatever runs on them. */
const rayStop = fieldSwitch(['spec', 'suspend'], {
  ...stopStart,
  aliases: { off: ['suspend'], on: ['resume'] },
});

/** Replaces the machines: the field moved in v1beta2. */
const rollMachines: BuiltinAction = {
  name: 'restart',
  iconClass: 'fa fa-fw fa-sync',
  displayName: 'Restart',
  run: (live, { now }) =>
    patchField(
      live,
      versionOf(live.apiVersion) === 'v1beta2' ? ['spec', 'rollout', 'after'] : ['spec', 'rolloutAfter'],
      now,
    ),
};

/** What a virtual machine is asked to be, by either of the fields for it; one excludes the other. */
function machineSwitch(name: 'start' | 'stop'): BuiltinAction {
  const wanted = name === 'start';
  return {
    name,
    iconClass: wanted ? 'fa fa-fw fa-play' : 'fa fa-fw fa-stop',
    displayName: wanted ? 'Start' : 'Stop',
    refuses(live) {
      const strategy = textAt(live, 'spec', 'runStrategy');
      if (['Manual', 'RerunOnFailure', 'Once'].includes(strategy) && wanted) {
        return `spec.runStrategy ${strategy} is started by virtctl`;
      }
      return isMachineOn(live) === wanted
        ? `the virtual machine is to be ${wanted ? 'running' : 'stopped'}`
        : undefined;
    },
    run: (live) =>
      valueAt(live, 'spec', 'running') === undefined
        ? patchField(live, ['spec', 'runStrategy'], wanted ? 'Always' : 'Halted')
        : patchField(live, ['spec', 'running'], wanted),
  };
}

function isMachineOn(live: Manifest): boolean {
  const running = valueAt(live, 'spec', 'running');
  return running === undefined ? textAt(live, 'spec', 'runStrategy') !== 'Halted' : running === true;
}

const isOver = (live: Manifest): boolean =>
  ['True', 'False'].includes(textAt(conditionOf(live, 'Succeeded'), 'status'));

const cancel = (kind: string, value: string): BuiltinAction =>
  order('cancel', ['spec', 'status'], value, (live) => (isOver(live) ? `the ${kind} is over` : undefined));

const approve = order('approve', ['spec', 'approved'], true, (live) =>
  valueAt(live, 'spec', 'approved') === true ? 'the InstallPlan is approved' : undefined,
);

const queueStop: readonly BuiltinAction[] = [
  order('stop', ['spec', 'stopPolicy'], 'Hold', (live) =>
    ['Hold', 'HoldAndDrain'].includes(textAt(live, 'spec', 'stopPolicy'))
      ? 'the queue is stopped'
      : undefined,
  ),
  order('resume', ['spec', 'stopPolicy'], 'None', (live) =>
    ['Hold', 'HoldAndDrain'].includes(textAt(live, 'spec', 'stopPolicy'))
      ? undefined
      : 'the queue is not stopped',
  ),
];

/** Clusters, machines, jobs and what scales them. */
export const clusterActions: ActionTable = {
  'cluster.x-k8s.io/Cluster': paused,
  'cluster.x-k8s.io/MachineDeployment': [rollMachines, ...paused],
  'controlplane.cluster.x-k8s.io/KubeadmControlPlane': [
    rollMachines,
    ...annotationSwitch('cluster.x-k8s.io/paused', 'true', pauseResume),
  ],
  ...kedaActions,
  'kubevirt.io/VirtualMachine': [machineSwitch('start'), machineSwitch('stop')],
  'tekton.dev/PipelineRun': [cancel('PipelineRun', 'Cancelled')],
  'tekton.dev/TaskRun': [cancel('TaskRun', 'TaskRunCancelled')],
  'operators.coreos.com/InstallPlan': [approve],
  'machineconfiguration.openshift.io/MachineConfigPool': paused,
  'apps.openshift.io/DeploymentConfig': paused,
  'monitoring.coreos.com/Prometheus': paused,
  'monitoring.coreos.com/Alertmanager': paused,
  'velero.io/Schedule': paused,
  'kueue.x-k8s.io/ClusterQueue': queueStop,
  'kueue.x-k8s.io/LocalQueue': queueStop,
  'jobset.x-k8s.io/JobSet': suspended,
  'trainer.kubeflow.org/TrainJob': suspended,
  'ray.io/RayCluster': rayStop,
  'ray.io/RayJob': suspended,
};
