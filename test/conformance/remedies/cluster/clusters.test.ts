import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withKinds } from '../../../../activities/session/compare/desired-objects.ts';
import { readLive } from '../../../../activities/session/compare/live-side.ts';
import { createClusterCache } from '../../../../cluster/cache/cache.ts';
import { type ClusterClient, createClusterClient } from '../../../../cluster/request/client.ts';
import { formatJson } from '../../../../core/object/json/json.ts';
import { keyOf, type Manifest } from '../../../../core/object/manifest/manifest.ts';
import { planSync } from '../../../../core/sync/plan/plan-sync.ts';
import { base } from '../../../../core/sync/plan/plan-sync-cases.ts';
import { problemsOf } from '../../../support/hostile/remedies.ts';

const widget: Manifest = {
  apiVersion: 'widgets.example.com/v1',
  kind: 'Widget',
  metadata: { name: 'a', namespace: 'n' },
};

/** An API server whose one API group is served by somebody else, who may be away or slow. */
let server: Server;
let client: ClusterClient;
let isAway = false;
/** Set while the conversion of a widget is waited for. */
let held: ServerResponse[] | undefined;

const discovery = (path: string) => ({
  kind: 'APIGroupDiscoveryList',
  items:
    path === '/api'
      ? []
      : [
          {
            metadata: { name: 'widgets.example.com' },
            versions: [
              {
                version: 'v1',
                freshness: isAway ? 'Stale' : 'Current',
                resources: isAway
                  ? []
                  : [
                      {
                        resource: 'widgets',
                        responseKind: { group: 'widgets.example.com', version: 'v1', kind: 'Widget' },
                        scope: 'Namespaced',
                        verbs: ['get'],
                      },
                    ],
              },
            ],
          },
        ],
});

beforeAll(async () => {
  server = createServer(({ url = '' }, reply) => {
    const isDiscovery = url === '/api' || url === '/apis';
    if (!isDiscovery && held !== undefined) held.push(reply);
    else reply.end(formatJson(isDiscovery ? discovery(url) : widget));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  client = createClusterClient({ name: 'east', server: `http://127.0.0.1:${port}`, tls: {} });
});

afterAll(async () => {
  await client.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('a cluster', () => {
  it('whose API group does not answer has it repaired', async () => {
    isAway = true;
    const known = async () => {
      const found = await withKinds({ direct: client }, [
        { manifest: widget, digest: 'd', namespaced: true },
      ]);
      return found[0]?.unknownKind ?? '';
    };
    const unknownKind = await known();
    const [reason] = await problemsOf(() => client.resourceFor(widget.apiVersion, widget.kind));
    expect(unknownKind).toContain(
      `repair its API group, which does not answer (${reason}), or set SkipDryRunOnMissingResource=true where something else brings it meanwhile`,
    );
    const refused = (syncOptions: string[]): string => {
      const desired = [{ manifest: widget, digest: 'd', namespaced: undefined, unknownKind }];
      const application = { ...base.application, syncOptions };
      return planSync({ ...base, desired, application }).plan.refused ?? '';
    };
    expect(refused([])).toContain(unknownKind);
    expect(refused(['SkipDryRunOnMissingResource=true'])).toBe('');
    isAway = false;
    expect(await known()).toBe('');
  });

  it('whose API server waits for something answers once that does', async () => {
    const cache = createClusterCache(client, { instanceOf: () => undefined });
    const read = () =>
      problemsOf(() => readLive({ ...cache, direct: client }, widget.apiVersion, keyOf(widget)));
    held = [];
    expect((await read()).join()).toContain(
      'could not be read within 5 s; see what its API server waits for',
    );
    expect(held).toHaveLength(1);
    held = undefined;
    expect(await read()).toEqual([]);
  });
});
