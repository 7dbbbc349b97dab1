import { ignoreRestartPolicyAnnotation } from '../../object/annotations.ts';
import { conditionOf, listAt, numberAt, textAt, valueAt } from '../../object/json/field.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { isHook } from '../../sync/options/hook.ts';
import { health, type ObjectHealth } from '../health.ts';

/** A pod is judged by its phase; one that restarts always also by its containers. */
export function assessPod(live: Manifest): ObjectHealth {
  const message = textAt(live, 'status', 'message');
  const longRunning = isLongRunning(live);
  const stuck = longRunning ? stuckContainers(live) : [];
  if (stuck.length > 0) return health('Degraded', stuck.join(', '));
  const phase = textAt(live, 'status', 'phase');
  if (phase === 'Pending') return health('Progressing', message || pendingReason(live));
  if (phase === 'Succeeded') return health('Healthy', message);
  if (phase === 'Failed') return health('Degraded', message || failureOf(live));
  if (phase !== 'Running') return health('Unknown', message);
  if (longRunning) return assessRunning(live, message);
  // A pod that ends by itself is a piece of work: while it runs, it is not done.
  return ['OnFailure', 'Never'].includes(textAt(live, 'spec', 'restartPolicy'))
    ? health('Progressing', message)
    : health('Unknown', message);
}

function isLongRunning(live: Manifest): boolean {
  if (textAt(live, 'spec', 'restartPolicy') === 'Always') return true;
  return live.metadata.annotations?.[ignoreRestartPolicyAnnotation] === 'true' && !isHook(live);
}

/**
 * Messages of containers that cannot start. Only for long-running pods: a hook's pod that waits for its image may
 * still run later, and to fail the hook meanwhile would let it run after its sync has ended.
 */
function stuckContainers(live: Manifest): string[] {
  return listAt(live, 'status', 'containerStatuses')
    .filter((container) => /^Err|Error$|BackOff$/.test(textAt(container, 'state', 'waiting', 'reason')))
    .map((container) => textAt(container, 'state', 'waiting', 'message'));
}

/** Why a pod has not begun: no node takes it, or what its containers wait for. */
function pendingReason(live: Manifest): string {
  const scheduled = conditionOf(live, 'PodScheduled');
  if (textAt(scheduled, 'status') === 'False') {
    const [reason, words] = [textAt(scheduled, 'reason'), textAt(scheduled, 'message')];
    const named = reason === '' ? 'PodScheduled=False' : `PodScheduled=False (${reason})`;
    return words === '' ? named : `${named}: ${words}`;
  }
  const waiting = [
    ...listAt(live, 'status', 'initContainerStatuses'),
    ...listAt(live, 'status', 'containerStatuses'),
  ].flatMap((container) => {
    const { reason, message } = {
      reason: textAt(container, 'state', 'waiting', 'reason'),
      message: textAt(container, 'state', 'waiting', 'message'),
    };
    const words = [reason, message].filter((word) => word !== '').join(': ');
    return words === '' ? [] : `container "${textAt(container, 'name')}" waits: ${words}`;
  });
  return waiting.join(', ');
}

function assessRunning(live: Manifest, message: string): ObjectHealth {
  if (textAt(conditionOf(live, 'Ready'), 'status') === 'True') return health('Healthy', message);
  const crashed = listAt(live, 'status', 'containerStatuses').some(
    (container) => valueAt(container, 'lastState', 'terminated') !== undefined,
  );
  return health(crashed ? 'Degraded' : 'Progressing', message);
}

function failureOf(live: Manifest): string {
  const containers = [
    ...listAt(live, 'status', 'initContainerStatuses'),
    ...listAt(live, 'status', 'containerStatuses'),
  ];
  for (const container of containers) {
    const ended = valueAt(container, 'state', 'terminated');
    if (ended === undefined) continue;
    const message = textAt(ended, 'message');
    if (message !== '') return message;
    if (textAt(ended, 'reason') === 'OOMKilled') return 'OOMKilled';
    const exitCode = numberAt(ended, 'exitCode') ?? 0;
    if (exitCode !== 0) return `container "${textAt(container, 'name')}" failed with exit code ${exitCode}`;
  }
  return '';
}
