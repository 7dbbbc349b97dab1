import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { z } from 'zod';
import { KeelsonError } from '../../core/errors.ts';
import { shownUrl, sourceFailure, statusFailure } from '../remote/failure.ts';
import type { Http, HttpReply, HttpRequest } from '../remote/http.ts';
import { type OciSource, originOf } from './origin.ts';
import { parseReply } from './reply.ts';
import { createTokens } from './tokens.ts';

const Descriptor = z.looseObject({
  mediaType: z.string(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.number().int().nonnegative(),
});
/** One piece of content by digest. */
export type Descriptor = z.infer<typeof Descriptor>;

const OciManifest = z.looseObject({
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  config: Descriptor.optional(),
  layers: z.array(Descriptor).default([]),
  annotations: z.record(z.string(), z.string()).default({}),
});
/** What an artifact consists of. */
export type OciManifest = z.infer<typeof OciManifest>;

/** The reading half of the OCI distribution protocol. */
export type Registry = {
  tags(source: OciSource): Promise<string[]>;
  /** The digest that a tag leads to; undefined where there is no such tag. */
  findDigest(source: OciSource, tagOrDigest: string): Promise<string | undefined>;
  manifest(source: OciSource, digest: string): Promise<OciManifest>;
  /** Writes content to a file that must not exist yet, and checks it against its digest. */
  saveBlob(source: OciSource, blob: Descriptor, path: string, maxBytes: number): Promise<void>;
};

const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.index.v1+json',
];
const maxManifestBytes = 4 * 1024 * 1024;
const maxPageBytes = 16 * 1024 * 1024;
const maxPages = 200;
const tagsPerPage = 1000;

type Ask = Pick<HttpRequest, 'what' | 'headers' | 'accepts' | 'maxBytes'> & { readonly path: string };

/** A client for any registry; tokens are kept for a minute. */
export function createRegistry(http: Http): Registry {
  const tokens = createTokens(http);

  const asked = async <R extends HttpReply>(
    source: OciSource,
    ask: Ask,
    send: (request: HttpRequest) => Promise<R>,
  ): Promise<R> => {
    const url = new URL(ask.path, originOf(source));
    const { path: _, ...rest } = ask;
    const request = { ...rest, url, access: source.access, own: true, signal: source.signal };
    const accepts = [...(ask.accepts ?? []), 401];
    const known = tokens.known(source);
    const first = await send({ ...request, accepts, authorization: known });
    if (first.status !== 401) return first;
    const authorization = await tokens.answer(source, first.headers['www-authenticate'], known);
    return await send({ ...request, authorization });
  };
  const read = (source: OciSource, ask: Ask) => asked(source, ask, (request) => http.read(request));

  /** Every registry has the root of the protocol, also for those whom it doesn't let in. */
  const requireRegistry = async (source: OciSource): Promise<void> => {
    const { status } = await http.read({
      url: new URL('/v2/', originOf(source)),
      access: source.access,
      what: '/v2/',
      own: true,
      accepts: [401, 403, 404],
      maxBytes: maxPageBytes,
      signal: source.signal,
    });
    if (status !== 404) return;
    const sentence = 'its host is no OCI registry (/v2/ was not found); check the address';
    throw sourceFailure(source.access, sentence, { reason: 'server' });
  };

  const readManifest = async (source: OciSource, tagOrDigest: string) =>
    await read(source, {
      path: `/v2/${source.repository.name}/manifests/${tagOrDigest}`,
      what: `manifest ${tagOrDigest}`,
      headers: { accept: manifestTypes.join(', ') },
      accepts: [404],
      maxBytes: maxManifestBytes,
    });

  return {
    tags: async (source) => {
      const found: string[] = [];
      let path: string | undefined = `/v2/${source.repository.name}/tags/list?n=${tagsPerPage}`;
      for (let page = 0; path !== undefined && page < maxPages; page += 1) {
        const reply: HttpReply & { body: Buffer } = await read(source, {
          path,
          what: 'list of tags',
          accepts: [404],
          maxBytes: maxPageBytes,
        });
        if (reply.status === 404) {
          await requireRegistry(source);
          throw statusFailure(source.access, 'list of tags', 404);
        }
        const listed = parseReply(source, 'list of tags', reply.body, TagList);
        found.push(...(listed.tags ?? []));
        path = nextPage(reply.headers['link'], reply.url);
      }
      return found;
    },
    findDigest: async (source, tagOrDigest) => {
      const { status, body } = await readManifest(source, tagOrDigest);
      return status === 404 ? undefined : `sha256:${createHash('sha256').update(body).digest('hex')}`;
    },
    manifest: async (source, digest) => {
      const { status, body } = await readManifest(source, digest);
      if (status === 404) throw statusFailure(source.access, `manifest ${digest}`, 404);
      checkDigest(source, digest, createHash('sha256').update(body).digest('hex'));
      return parseReply(source, `manifest ${digest}`, body, OciManifest);
    },
    saveBlob: async (source, blob, path, maxBytes) => {
      const ask = {
        path: `/v2/${source.repository.name}/blobs/${blob.digest}`,
        what: `content ${blob.digest}`,
        maxBytes: Math.min(maxBytes, blob.size),
      };
      if (blob.size > maxBytes) {
        throw sourceFailure(
          source.access,
          `${ask.what} has ${blob.size} bytes and the limit is ${maxBytes}; make it smaller`,
        );
      }
      await asked(source, ask, (request) => http.save(request, path));
      const hash = createHash('sha256');
      for await (const chunk of createReadStream(path)) hash.update(chunk);
      checkDigest(source, blob.digest, hash.digest('hex'));
    },
  };
}

/** The next page of a listing stays with the registry, whatever the answer says. */
function nextPage(link: string | string[] | undefined, from: URL): string | undefined {
  const [, target] = /<([^<>]+)>\s*;\s*rel="?next"?/i.exec([link ?? ''].flat().join(',')) ?? [];
  const url = target === undefined ? null : URL.parse(target, from.href);
  return url === null ? undefined : `${url.pathname}${url.search}`;
}

function checkDigest(source: OciSource, wanted: string, hex: string): void {
  if (wanted === `sha256:${hex}`) return;
  throw new KeelsonError(
    'source-unreachable',
    `repository ${shownUrl(source.access.url)}: what the registry sent for ${wanted} has digest sha256:${hex}; push it again`,
  );
}

const TagList = z.looseObject({ tags: z.array(z.string()).nullish() });
