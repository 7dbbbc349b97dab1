import { setTimeout as sleep } from 'node:timers/promises';
import { type KeelsonError, ObjectError } from '../../core/errors.ts';
import { groupOf } from '../../core/object/manifest/manifest.ts';
import {
  markPreferred,
  readAggregated,
  readCoreVersions,
  readGroupVersions,
  readResourceList,
  type ServedVersion,
} from './discovery-reply.ts';
import type { ApiResource } from './resource.ts';

/** What a cluster serves, and the API groups that could not be read. */
export type Discovery = {
  readonly resources: readonly ApiResource[];
  /** One entry per group version that did not answer; the others are complete. */
  readonly failures: readonly { readonly groupVersion: string; readonly reason: string }[];
};

/** Knows the kinds of one cluster, and looks again when asked for one it does not know. */
export type KindRegistry = {
  discover(options?: { readonly refresh?: boolean }): Promise<Discovery>;
  resourceFor(apiVersion: string, kind: string): Promise<ApiResource>;
  preferredResource(group: string, kind: string): Promise<ApiResource>;
};

/** Reads a JSON document below the server's address. */
export type ReadJson = (path: string, accept?: string) => Promise<unknown>;

const aggregatedForm = ['v2', 'v2beta1']
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat('application/json')
  .join(',');

/** Unknown kinds make one look per this time for all who ask: a broken manifest can't flood the API server. */
const minRefreshIntervalMs = 500;

type Known = Discovery & { readonly byKind: ReadonlyMap<string, ApiResource> };

/** A registry that reads through the given function; the cluster's name is for messages. */
export function createKindRegistry(
  cluster: string,
  readJson: ReadJson,
  minIntervalMs = minRefreshIntervalMs,
): KindRegistry {
  let known: Known | undefined;
  let reading: Promise<Known> | undefined;
  let next: Promise<Known> | undefined;
  let readAt = Number.NEGATIVE_INFINITY;

  function current(): Promise<Known> {
    if (known !== undefined) return Promise.resolve(known);
    return reading ?? refresh();
  }

  /** A look that starts after this call, so it sees what was created before; calls until it starts share it. */
  function refresh(): Promise<Known> {
    next ??= look();
    return next;
  }

  async function look(): Promise<Known> {
    await sleep(Math.max(0, readAt + minIntervalMs - performance.now()));
    readAt = performance.now();
    reading = next;
    next = undefined;
    try {
      known = await read(readJson);
      return known;
    } finally {
      reading = undefined;
    }
  }

  async function find(name: string, wanted: WantedKind): Promise<ApiResource> {
    const found = (await current()).byKind.get(name);
    if (found !== undefined) return found;
    const looked = await refresh();
    const again = looked.byKind.get(name);
    if (again !== undefined) return again;
    throw unknownKind(cluster, wanted, looked);
  }

  return {
    async discover(options = {}) {
      const { resources, failures } = await (options.refresh === true ? refresh() : current());
      return { resources, failures };
    },
    resourceFor: (apiVersion, kind) =>
      find(`${apiVersion}/${kind}`, { group: groupOf(apiVersion), kind, apiVersion }),
    preferredResource: (group, kind) => find(preferredName(group, kind), { group, kind }),
  };
}

function preferredName(group: string, kind: string): string {
  return `preferred/${group}/${kind}`;
}

async function read(readJson: ReadJson): Promise<Known> {
  const versions = (await Promise.all([readRoot(readJson, '/api'), readRoot(readJson, '/apis')])).flat();
  const resources = markPreferred(versions);
  const byKind = new Map<string, ApiResource>();
  for (const resource of resources) {
    byKind.set(`${resource.apiVersion}/${resource.kind}`, resource);
    if (resource.preferred) byKind.set(preferredName(resource.group, resource.kind), resource);
  }
  const failures = versions.flatMap(({ groupVersion, failure }) =>
    failure === undefined ? [] : [{ groupVersion, reason: failure }],
  );
  return { resources, failures, byKind };
}

async function readRoot(readJson: ReadJson, root: '/api' | '/apis'): Promise<ServedVersion[]> {
  const body = await readJson(root, aggregatedForm);
  const aggregated = readAggregated(body);
  if (aggregated !== undefined) return aggregated;
  const groupVersions = root === '/api' ? readCoreVersions(body) : readGroupVersions(body);
  return await Promise.all(groupVersions.map((name) => readVersion(readJson, root, name)));
}

async function readVersion(readJson: ReadJson, root: string, groupVersion: string): Promise<ServedVersion> {
  try {
    return readResourceList(groupVersion, await readJson(`${root}/${groupVersion}`));
  } catch (error) {
    // One broken extension server must not hide the kinds of all the others; the failure is reported beside them.
    return { groupVersion, resources: [], failure: error instanceof Error ? error.message : String(error) };
  }
}

type WantedKind = { readonly group: string; readonly kind: string; readonly apiVersion?: string };

function unknownKind(cluster: string, { group, kind, apiVersion }: WantedKind, looked: Known): KeelsonError {
  const broken = looked.failures.find((failure) => groupOf(failure.groupVersion) === group);
  const versions = servedAs(looked, { group, kind }).join(', ');
  const name = apiVersion === undefined ? kind : `${apiVersion} ${kind}`;
  const message = `the server could not find the requested resource (${name}) on cluster ${cluster}; ${whyUnknown(broken?.reason, versions)}`;
  return new ObjectError('kind-unknown', { group, kind, namespace: '', name: '' }, message, {
    retryable: broken !== undefined,
    details: { versions },
  });
}

function whyUnknown(broken: string | undefined, versions: string): string {
  if (broken !== undefined) return `its API group does not answer: ${broken}`;
  if (versions !== '') return `the cluster serves ${versions}, so write one of these as apiVersion`;
  return 'is the CustomResourceDefinition of this kind and version installed?';
}

/** The apiVersions in which a cluster has a kind: those of its group, or where that has none, those of other groups. */
function servedAs({ resources }: Known, { group, kind }: Pick<WantedKind, 'group' | 'kind'>): string[] {
  const named = resources.filter((resource) => resource.kind === kind);
  const own = named.filter((resource) => resource.group === group);
  return [...new Set((own.length > 0 ? own : named).map(({ apiVersion }) => apiVersion))];
}
