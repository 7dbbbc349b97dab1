import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { unpackTar } from '../archive/unpack.ts';
import type { OciSource } from '../oci/origin.ts';
import { parseOciAddress, tagOfVersion } from '../oci/reference.ts';
import type { Registry } from '../oci/registry.ts';
import { chartLayer, contentLayer, maxArchiveBytes, unpackLayer } from '../oci/unpack-layer.ts';
import { shownUrl, sourceFailure } from '../remote/failure.ts';
import { authorizationOf, type Http } from '../remote/http.ts';
import { type ChartRequest, chartMissing, namedVersion, notAChart, versionMissing } from './chart-source.ts';
import type { ChartVersion } from './index-file.ts';
import type { Indexes } from './indexes.ts';
import { besideIndex, type ChartRepository, chartRepository } from './repository.ts';

type HttpRepository = ChartRepository & { kind: 'http' };

/** What a pull leaves in its folder: the chart's files, and the archive that they came in. */
export const pulled = { folder: 'chart', archive: 'chart.tgz' } as const;

/** Writes a chart into a folder that is empty before. */
export type Pull = (request: ChartRequest, folder: string) => Promise<void>;

/** Fetches charts from wherever their repository keeps them. */
export function createPull(http: Http, registry: Registry, indexes: Indexes): Pull {
  const entryOf = async (repository: HttpRepository, request: ChartRequest): Promise<ChartVersion> => {
    // A version that was just published may be missing from what was read before.
    for (const fresh of [request.fresh === true, true]) {
      const versions = await indexes.versions(repository, request.chart, { signal: request.signal, fresh });
      const name = namedVersion(
        request.version,
        (versions ?? []).map(({ version }) => version),
      );
      const entry = versions?.find(({ version }) => version === name);
      if (entry !== undefined) return entry;
      if (fresh)
        throw versions === undefined
          ? chartMissing(request)
          : versionMissing(request, request.version, versions.length);
    }
    throw chartMissing(request);
  };

  const fillFromIndex = async (
    repository: HttpRepository,
    request: ChartRequest,
    folder: string,
  ): Promise<void> => {
    const { access, base } = repository;
    const { urls } = await entryOf(repository, request);
    const url = besideIndex(base, urls?.[0] ?? '');
    if (url === undefined || !urls?.[0]) {
      throw sourceFailure(
        access,
        `the index names no address for chart ${request.chart} ${request.version}; write it anew with helm repo index`,
      );
    }
    const isOwn = url.origin === base.origin;
    const mayCarry = isOwn || request.passCredentials === true;
    if (url.protocol === 'oci:') {
      const { credentials: _, ...rest } = access;
      const reader = mayCarry ? access : { ...rest, credentials: {} };
      const { address, tag } = splitTag(url.href);
      const from = { access: reader, repository: parseOciAddress(address), signal: request.signal };
      return await fillFromRegistry(from, tag ?? tagOfVersion(request.version), request, folder);
    }
    const archive = join(folder, pulled.archive);
    await http.save(
      {
        url,
        access,
        what: `chart ${request.chart} ${request.version} at ${shownUrl(url.href)}`,
        authorization: mayCarry ? authorizationOf(access.credentials) : undefined,
        own: mayCarry,
        maxBytes: maxArchiveBytes,
        signal: request.signal,
      },
      archive,
    );
    const unpacked = join(folder, 'unpacked');
    await mkdir(unpacked, { mode: 0o700 });
    await unpackTar(archive, unpacked, { gzip: true, signal: request.signal });
    await rename(join(unpacked, await chartFolder(request, unpacked)), join(folder, pulled.folder));
    await rm(unpacked, { recursive: true });
  };

  const fillFromRegistry = async (
    from: OciSource,
    tag: string,
    request: ChartRequest,
    folder: string,
  ): Promise<void> => {
    const digest = await registry.findDigest(from, tag);
    if (digest === undefined) throw versionMissing(request, request.version, undefined);
    const manifest = await registry.manifest(from, digest);
    const layer = contentLayer(from, manifest, [chartLayer]);
    await unpackLayer(registry, from, layer, join(folder, pulled.folder), join(folder, pulled.archive));
  };

  return async (request, folder) => {
    const repository = chartRepository(request.access);
    if (repository.kind === 'http') await fillFromIndex(repository, request, folder);
    else {
      const { access, signal } = { access: repository.access, signal: request.signal };
      const from = { access, repository: repository.of(request.chart), signal };
      await fillFromRegistry(from, tagOfVersion(request.version), request, folder);
    }
    await requireChart(request, join(folder, pulled.folder));
  };
}

/** An archive holds one folder, which is the chart; where it holds more, the one with the chart's name. */
async function chartFolder(request: ChartRequest, unpacked: string): Promise<string> {
  const names = await readdir(unpacked);
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  const named = basename(request.chart);
  if (names.includes(named)) return named;
  throw notAChart(request);
}

async function requireChart(request: ChartRequest, folder: string): Promise<void> {
  const found = await stat(join(folder, 'Chart.yaml')).catch(() => undefined);
  if (found?.isFile() !== true) throw notAChart(request);
}

function splitTag(address: string): { address: string; tag?: string } {
  const match = /^(.*\/[^/:@]+):([\w.-]+)$/.exec(address);
  return match === null ? { address } : { address: match[1] ?? '', tag: match[2] ?? '' };
}
