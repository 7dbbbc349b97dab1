import { z } from 'zod';
import { KeelsonError } from '../../core/errors.ts';
import { type ProbeIdentity, probe } from './probe.ts';

const NodeList = z.object({
  items: z.array(
    z.object({
      status: z
        .object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]) })
        .default({ conditions: [] }),
    }),
  ),
});

/** Creates the nodes `node-1`, `node-2`, ... that aren't there yet. */
export async function createNodes(server: string, admin: ProbeIdentity, count: number): Promise<void> {
  for (let index = 1; index <= count; index += 1) {
    const name = `node-${index}`;
    const { status, body } = await probe(`${server}/api/v1/nodes`, admin, {
      method: 'POST',
      json: {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: {
          name,
          labels: {
            'kubernetes.io/hostname': name,
            'kubernetes.io/os': 'linux',
            'kubernetes.io/arch': 'amd64',
            'topology.kubernetes.io/zone': `zone-${index}`,
          },
        },
      },
    });
    if (status !== 201 && status !== 409) {
      throw new KeelsonError(
        'unavailable',
        `Node ${name}: creation answered ${status}: ${body.slice(0, 300)}`,
      );
    }
  }
}

/** Whether the cluster runs pods: nodes are ready and the controllers have made the default service account. */
export async function isRunningPods(server: string, admin: ProbeIdentity, count: number): Promise<boolean> {
  const [nodes, account] = await Promise.all([
    probe(`${server}/api/v1/nodes`, admin),
    probe(`${server}/api/v1/namespaces/default/serviceaccounts/default`, admin),
  ]);
  if (nodes.status !== 200 || account.status !== 200) return false;
  const ready = NodeList.parse(JSON.parse(nodes.body)).items.filter(({ status }) =>
    status.conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True'),
  );
  return ready.length >= count;
}
