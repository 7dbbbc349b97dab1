import { join } from 'node:path';
import { KeelsonError } from '../../core/errors.ts';
import { canonicalJson } from '../../core/object/json/canonical.ts';
import type { RepositoryAccess } from '../../core/repository/access.ts';
import { highestMatch, isConstraint } from '../../core/text/semver.ts';
import { createTreeCache, type Tree } from '../archive/tree-cache.ts';
import { sourceFailure } from '../remote/failure.ts';
import type { Http } from '../remote/http.ts';
import type { OciSource } from './origin.ts';
import { isDigest, isTag, parseOciAddress, tagOfVersion, versionOfTag } from './reference.ts';
import { createRegistry } from './registry.ts';
import { contentLayer, defaultLayerTypes, unpackLayer } from './unpack-layer.ts';

/** An `oci://` address whose artifact is a folder of manifests, a kustomization or a chart. */
export type ArtifactSource = {
  readonly access: RepositoryAccess;
  readonly signal?: AbortSignal | undefined;
};

/** Read access to artifacts in OCI registries. */
export type OciArtifacts = {
  /** The digest that a tag, a digest or a constraint on the versions among the tags leads to. */
  resolveDigest(source: ArtifactSource & { readonly revision: string }): Promise<string>;
  /** The files of an artifact, to be read only and released after use; `fresh` fetches them anew. */
  fetch(
    source: ArtifactSource & { readonly digest: string; readonly fresh?: boolean | undefined },
  ): Promise<Tree>;
  /** Annotations of the artifact, such as who made it when. */
  annotations(
    source: ArtifactSource & { readonly digest: string },
  ): Promise<Readonly<Record<string, string>>>;
  tags(source: ArtifactSource): Promise<string[]>;
};

export type OciArtifactsOptions = {
  readonly http: Http;
  /** A folder of Keelson's own; workers on one machine may share it. */
  readonly cacheDir: string;
  readonly maxCacheBytes?: number;
  /** Media types that a layer with content may have. */
  readonly layerTypes?: readonly string[];
};

const defaultMaxCacheBytes = 2 * 1024 ** 3;

/** Artifacts over HTTP with a cache of unpacked ones. */
export function createOciArtifacts(options: OciArtifactsOptions): OciArtifacts {
  const registry = createRegistry(options.http);
  const trees = createTreeCache({
    dir: join(options.cacheDir, 'artifacts'),
    maxBytes: options.maxCacheBytes ?? defaultMaxCacheBytes,
  });
  const layerTypes = options.layerTypes ?? defaultLayerTypes;

  const resolveDigest = async (source: ArtifactSource & { revision: string }): Promise<string> => {
    const revision = source.revision.trim();
    if (revision === '') {
      throw new KeelsonError(
        'invalid-argument',
        `repository ${source.access.url}: an OCI source has no default revision; set targetRevision to a tag, a digest or a constraint`,
      );
    }
    if (isDigest(revision)) return revision;
    const from = ociSource(source);
    const named = isTag(tagOfVersion(revision))
      ? await registry.findDigest(from, tagOfVersion(revision))
      : undefined;
    if (named !== undefined) return named;
    if (!isConstraint(revision)) {
      throw new KeelsonError(
        'revision-not-found',
        `repository ${source.access.url}: there is no tag ${revision}; use a tag, a digest or a constraint on versions`,
      );
    }
    const tags = await registry.tags(from);
    const byVersion = new Map(tags.map((tag) => [versionOfTag(tag), tag]));
    const best = highestMatch(revision, [...byVersion.keys()]);
    const digest =
      best === undefined ? undefined : await registry.findDigest(from, byVersion.get(best) ?? best);
    if (digest !== undefined) return digest;
    throw new KeelsonError(
      'revision-not-found',
      `repository ${source.access.url}: version matching constraint ${revision} not found in ${tags.length} tags`,
    );
  };

  return {
    resolveDigest,
    fetch: async (source) => {
      if (!isDigest(source.digest))
        throw sourceFailure(source.access, `${source.digest} is no digest; resolve the revision first`);
      const { url, credentials } = source.access;
      const tree = await trees.use({
        key: canonicalJson({ url, credentials, digest: source.digest, layerTypes }),
        fresh: source.fresh,
        fill: async (folder) => {
          const from = ociSource(source);
          const manifest = await registry.manifest(from, source.digest);
          await unpackLayer(registry, from, contentLayer(from, manifest, layerTypes), join(folder, 'files'));
        },
      });
      return { path: join(tree.path, 'files'), release: tree.release };
    },
    annotations: async (source) => (await registry.manifest(ociSource(source), source.digest)).annotations,
    tags: async (source) => await registry.tags(ociSource(source)),
  };
}

function ociSource({ access, signal }: ArtifactSource): OciSource {
  return { access, signal, repository: parseOciAddress(access.url) };
}
