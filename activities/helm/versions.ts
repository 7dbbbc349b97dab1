import { createByteCache } from '../../core/byte-cache.ts';
import { canonicalJson } from '../../core/object/json/canonical.ts';
import { formatJson } from '../../core/object/json/json.ts';
import type { OciSource } from '../oci/origin.ts';
import { versionOfTag } from '../oci/reference.ts';
import type { Registry } from '../oci/registry.ts';
import { type ChartSource, chartMissing } from './chart-source.ts';
import type { Indexes } from './indexes.ts';
import { chartRepository } from './repository.ts';

/** The published versions of a chart, by its repository's index or its registry's tags. */
export type Versions = (source: ChartSource, fresh: boolean) => Promise<readonly string[]>;

type TagList = { readonly readAt: number; readonly tags: Promise<string[]> };

/** Lists of tags that are remembered in all. */
const tagListBytes = 16 * 1024 * 1024;
/** A list whose length isn't known yet. */
const askedBytes = 1000;

/** Lists versions, asking a server no more often than the interval says. */
export function createVersions(registry: Registry, indexes: Indexes, intervalSeconds: number): Versions {
  const tagLists = createByteCache<TagList>(tagListBytes);

  const tagsOf = async (source: OciSource, fresh: boolean): Promise<string[]> => {
    const key = canonicalJson({ ...source.repository, credentials: source.access.credentials });
    const known = tagLists.get(key);
    const isNew = known !== undefined && performance.now() - known.readAt < intervalSeconds * 1000;
    if (isNew && !fresh) return await known.tags;
    const tags = registry.tags({ access: source.access, repository: source.repository });
    const asked: TagList = { readAt: performance.now(), tags };
    tagLists.set(key, asked, askedBytes);
    tags.then(
      (found) => {
        // Another list may have been asked for meanwhile.
        if (tagLists.get(key) === asked) tagLists.set(key, asked, formatJson(found).length);
      },
      () => tagLists.delete(key),
    );
    return await tags;
  };

  return async (source, fresh) => {
    const repository = chartRepository(source.access);
    if (repository.kind === 'oci') {
      const from = { access: repository.access, repository: repository.of(source.chart) };
      return (await tagsOf(from, fresh)).map(versionOfTag);
    }
    const { signal } = source;
    const versions = await indexes.versions(repository, source.chart, { signal, fresh });
    if (versions === undefined) throw chartMissing(source);
    return versions.map(({ version }) => version);
  };
}
