import { conditionOf, textAt } from '../../../object/json/field.ts';
import { condition, falseWaits, when, word } from '../../check.ts';
import type { KindRule } from '../../kind-rule.ts';

/** States of a virtual machine as `kubectl get` prints them; the failing ones, and those at rest. */
const machineStates = {
  Running: 'Healthy',
  Stopped: 'Suspended',
  Paused: 'Suspended',
  CrashLoopBackOff: 'Degraded',
  ErrorUnschedulable: 'Degraded',
  ErrImagePull: 'Degraded',
  ImagePullBackOff: 'Degraded',
  ErrorPvcNotFound: 'Degraded',
  DataVolumeError: 'Degraded',
} as const;

const operator: KindRule['checks'] = [
  condition('Degraded', { True: 'Degraded' }),
  condition('Progressing', { True: 'Progressing' }),
  condition('Available', falseWaits),
];

/** KubeVirt and its importer of disks. */
export const virtualMachines: readonly KindRule[] = [
  {
    group: 'kubevirt.io',
    kinds: ['VirtualMachine'],
    restsOn: '`status.printableStatus`, condition `Ready`',
    checks: [
      when(
        (live) =>
          textAt(live, 'status', 'printableStatus') === 'Running' &&
          textAt(conditionOf(live, 'Ready'), 'status') === 'False',
        'Progressing',
        (live) => textAt(conditionOf(live, 'Ready'), 'message') || 'running and not ready',
      ),
      word(['status', 'printableStatus'], machineStates),
    ],
  },
  {
    group: 'kubevirt.io',
    kinds: ['VirtualMachineInstance'],
    restsOn: 'condition `Paused`, `status.phase`, condition `Ready`',
    checks: [
      condition('Paused', { True: 'Suspended' }),
      when(
        (live) =>
          textAt(live, 'status', 'phase') === 'Running' &&
          textAt(conditionOf(live, 'Ready'), 'status') === 'False',
        'Progressing',
        (live) => textAt(conditionOf(live, 'Ready'), 'message') || 'running and not ready',
      ),
      word(['status', 'phase'], {
        Running: 'Healthy',
        Succeeded: 'Healthy',
        Failed: 'Degraded',
        Unknown: 'Unknown',
      }),
    ],
  },
  {
    group: 'kubevirt.io',
    kinds: ['KubeVirt'],
    restsOn: '`status.observedGeneration`, conditions `Degraded`, `Progressing`, `Available`',
    checks: operator,
  },
  {
    group: 'cdi.kubevirt.io',
    kinds: ['CDI'],
    restsOn: '`status.observedGeneration`, conditions `Degraded`, `Progressing`, `Available`',
    checks: operator,
  },
  {
    group: 'cdi.kubevirt.io',
    kinds: ['DataVolume'],
    restsOn: '`status.phase`, condition `Running`',
    checks: [
      // The import is tried again for ever, with what is wrong in a condition of its pod.
      condition('Running', { reasons: { Error: 'Degraded' } }),
      word(['status', 'phase'], {
        Succeeded: 'Healthy',
        // It waits for its first user, which may come in a later wave.
        WaitForFirstConsumer: 'Healthy',
        PendingPopulation: 'Healthy',
        Paused: 'Suspended',
        Failed: 'Degraded',
        Unknown: 'Unknown',
      }),
    ],
  },
];
