import { z } from 'zod';
import { groupOf, type Manifest } from '../../core/object/manifest/manifest.ts';

/** A short fact about an object, for people. */
export type NodeFact = { readonly name: string; readonly value: string };

const revisionAnnotation = 'deployment.kubernetes.io/revision';

const Cause = z.object({ reason: z.string().optional() }).optional();
const ContainerStatus = z.object({
  ready: z.boolean().optional(),
  restartCount: z.number().optional(),
  state: z.object({ waiting: Cause, terminated: Cause }).optional(),
});
const Container = z.object({ image: z.string().optional() });

const Pod = z.object({
  spec: z.object({
    nodeName: z.string().optional(),
    containers: z.array(Container).optional(),
    initContainers: z.array(Container).optional(),
  }),
  status: z
    .object({
      phase: z.string().optional(),
      reason: z.string().optional(),
      containerStatuses: z.array(ContainerStatus).optional(),
    })
    .optional(),
});
type Pod = z.infer<typeof Pod>;

/** Facts of pods and replica sets; other kinds have none. */
export function nodeFacts(object: Manifest): NodeFact[] {
  const revision = object.metadata.annotations?.[revisionAnnotation];
  if (object.kind === 'ReplicaSet' && revision) return [{ name: 'Revision', value: `Rev:${revision}` }];
  const pod = readPod(object);
  return pod === undefined ? [] : podFacts(pod, object.metadata.deletionTimestamp !== undefined);
}

/** Images of a pod's containers, each once, sorted. */
export function nodeImages(object: Manifest): string[] {
  const pod = readPod(object);
  if (pod === undefined) return [];
  const containers = [...(pod.spec.initContainers ?? []), ...(pod.spec.containers ?? [])];
  return [...new Set(containers.flatMap(({ image }) => image ?? []))].sort();
}

function readPod(object: Manifest): Pod | undefined {
  if (object.kind !== 'Pod' || groupOf(object.apiVersion) !== '') return undefined;
  return Pod.safeParse(object).data;
}

function podFacts(pod: Pod, deleting: boolean): NodeFact[] {
  const statuses = pod.status?.containerStatuses ?? [];
  const ready = statuses.filter((status) => status.ready === true).length;
  const restarts = statuses.reduce((sum, status) => sum + (status.restartCount ?? 0), 0);
  const reason = deleting ? 'Terminating' : podReason(pod);
  return [
    ...(reason === '' ? [] : [{ name: 'Status Reason', value: reason }]),
    ...(pod.spec.nodeName ? [{ name: 'Node', value: pod.spec.nodeName }] : []),
    { name: 'Containers', value: `${ready}/${pod.spec.containers?.length ?? 0}` },
    ...(restarts === 0 ? [] : [{ name: 'Restart Count', value: String(restarts) }]),
  ];
}

/** The word kubectl shows in its STATUS column, for the common cases. */
function podReason(pod: Pod): string {
  for (const { state } of pod.status?.containerStatuses ?? []) {
    const reason = state?.waiting?.reason ?? state?.terminated?.reason;
    if (reason) return reason;
  }
  return pod.status?.reason ?? pod.status?.phase ?? '';
}
