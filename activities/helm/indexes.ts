import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { KeelsonError } from '../../core/errors.ts';
import { canonicalJson } from '../../core/object/json/canonical.ts';
import { sourceFailure } from '../remote/failure.ts';
import { authorizationOf, type Http } from '../remote/http.ts';
import { type ChartIndex, type ChartVersion, readIndex } from './index-file.ts';
import { type ChartRepository, indexAddress } from './repository.ts';

type HttpRepository = ChartRepository & { kind: 'http' };
type Wanted = {
  readonly signal?: AbortSignal | undefined;
  /** Asks the server whatever is known. */
  readonly fresh?: boolean;
};

/** Indexes of Helm repositories, each asked for once in an interval. */
export type Indexes = {
  index(repository: HttpRepository, wanted?: Wanted): Promise<ChartIndex>;
  /** Versions of one chart; undefined when the index doesn't have it. */
  versions(
    repository: HttpRepository,
    chart: string,
    wanted?: Wanted,
  ): Promise<readonly ChartVersion[] | undefined>;
};

type Known = {
  checkedAt: number;
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  /** Compressed, since few of the charts in it are ever asked for: 1.5 MB for an index of 20 MB. */
  readonly packed: Buffer;
  /** Answers of before for the same text. */
  readonly versions: Map<string, readonly ChartVersion[] | undefined>;
};

const pack = promisify(gzip);
const unpack = promisify(gunzip);

/** The largest public index has 30 MB; of what is unpacked only one chart's part is parsed. */
const maxIndexBytes = 256 * 1024 * 1024;
const maxPackedBytes = 64 * 1024 * 1024;

/** Keeps indexes in memory, and asks a server no more often than the interval says. */
export function createIndexes(http: Http, intervalSeconds: number): Indexes {
  const known = new Map<string, Known>();
  const running = new Map<string, Promise<Known>>();

  const load = async (repository: HttpRepository, before: Known | undefined): Promise<Known> => {
    const { access, base } = repository;
    const { status, headers, body } = await http.read({
      url: indexAddress(base),
      access,
      what: 'index.yaml',
      authorization: authorizationOf(access.credentials),
      own: true,
      headers: before === undefined ? {} : conditionsOf(before),
      accepts: before === undefined ? [] : [304],
      maxBytes: maxIndexBytes,
    });
    if (status === 304 && before !== undefined) {
      before.checkedAt = performance.now();
      return before;
    }
    // Said now, not when a chart is asked for: what is no index must not be kept as one.
    named(repository, () => readIndex(body.toString('utf8')));
    return {
      checkedAt: performance.now(),
      etag: textOf(headers['etag']),
      lastModified: textOf(headers['last-modified']),
      packed: await pack(body),
      versions: new Map(),
    };
  };

  const current = async (repository: HttpRepository, wanted: Wanted): Promise<Known> => {
    const key = canonicalJson({ url: repository.base.href, credentials: repository.access.credentials });
    const before = known.get(key);
    const isNew = before !== undefined && performance.now() - before.checkedAt < intervalSeconds * 1000;
    if (isNew && wanted.fresh !== true) return before;
    let loading = running.get(key);
    if (loading === undefined) {
      // Without the signal of whoever asked first: others may wait for the same answer.
      loading = load(repository, before).finally(() => running.delete(key));
      running.set(key, loading);
    }
    const found = await loading;
    known.delete(key);
    known.set(key, found);
    forgetOldest(known);
    wanted.signal?.throwIfAborted();
    return found;
  };

  const open = async (repository: HttpRepository, found: Known): Promise<ChartIndex> => {
    const text = (await unpack(found.packed)).toString('utf8');
    return named(repository, () => readIndex(text));
  };

  return {
    index: async (repository, wanted = {}) => await open(repository, await current(repository, wanted)),
    versions: async (repository, chart, wanted = {}) => {
      const found = await current(repository, wanted);
      if (found.versions.has(chart)) return found.versions.get(chart);
      const index = await open(repository, found);
      const versions = named(repository, () => index.versionsOf(chart));
      found.versions.set(chart, versions);
      return versions;
    },
  };
}

function forgetOldest(known: Map<string, Known>): void {
  let total = 0;
  for (const { packed } of known.values()) total += packed.length;
  for (const [key, { packed }] of known) {
    if (total <= maxPackedBytes) return;
    known.delete(key);
    total -= packed.length;
  }
}

function conditionsOf({ etag, lastModified }: Known): Record<string, string> {
  return {
    ...(etag === undefined ? {} : { 'if-none-match': etag }),
    ...(lastModified === undefined ? {} : { 'if-modified-since': lastModified }),
  };
}

function textOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}

/** Adds the repository to what is wrong with its index. */
function named<T>({ access }: HttpRepository, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof KeelsonError)) throw cause;
    throw sourceFailure(access, cause.message, { cause });
  }
}
