import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { unpackTar } from '../archive/unpack.ts';
import { sourceFailure } from '../remote/failure.ts';
import type { OciSource } from './origin.ts';
import type { Descriptor, OciManifest, Registry } from './registry.ts';

/** Media type of a Helm chart's archive. */
export const chartLayer = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';

/** The reference's own list. */
export const defaultLayerTypes: readonly string[] = [
  'application/vnd.oci.image.layer.v1.tar',
  'application/vnd.oci.image.layer.v1.tar+gzip',
  chartLayer,
];

/** More layers than any artifact with signatures and provenance has. */
const maxLayers = 10;
/** Of an archive as it is sent. */
export const maxArchiveBytes = 512 * 1024 * 1024;

/** The one layer with content; layers that are no archives, such as provenance, are passed over. */
export function contentLayer(
  source: OciSource,
  manifest: OciManifest,
  allowed: readonly string[],
): Descriptor {
  if (manifest.mediaType?.includes('index') === true || manifest.mediaType?.includes('list') === true) {
    throw sourceFailure(
      source.access,
      'the revision names an index of several artifacts; name one of them by its digest',
    );
  }
  const { layers } = manifest;
  if (layers.length > maxLayers) {
    throw sourceFailure(
      source.access,
      `expected no more than ${maxLayers} oci layers, got ${layers.length}; publish one archive`,
    );
  }
  const contents = layers.filter(({ mediaType }) => /tar(\+gzip)?$/.test(mediaType));
  const foreign = contents.find(({ mediaType }) => !allowed.includes(mediaType));
  if (foreign !== undefined) {
    throw sourceFailure(
      source.access,
      `oci layer media type ${foreign.mediaType} is not in the list of allowed media types; publish as ${allowed.join(' or ')}`,
    );
  }
  const [only] = contents;
  if (only === undefined || contents.length > 1) {
    throw sourceFailure(
      source.access,
      `expected only a single oci content layer, got ${contents.length}; publish one archive of all files`,
    );
  }
  return only;
}

/**
 * Fetches a layer and unpacks it into a new folder of this name; a chart without the folder it is packed in. The archive
 * itself is kept where `keep` says.
 */
export async function unpackLayer(
  registry: Registry,
  source: OciSource,
  layer: Descriptor,
  folder: string,
  keep?: string,
): Promise<void> {
  const archive = `${folder}.archive`;
  await registry.saveBlob(source, layer, archive, maxArchiveBytes);
  const unpacked = `${folder}.unpacked`;
  await mkdir(unpacked, { mode: 0o700 });
  await unpackTar(archive, unpacked, { gzip: layer.mediaType.endsWith('gzip'), signal: source.signal });
  if (keep === undefined) await rm(archive);
  else await rename(archive, keep);
  if (layer.mediaType !== chartLayer) return await rename(unpacked, folder);
  const names = await readdir(unpacked);
  const [only] = names;
  if (only === undefined || names.length > 1) {
    throw sourceFailure(
      source.access,
      `expected one folder in the chart's archive, found ${names.length}; pack it with helm package`,
    );
  }
  await rename(join(unpacked, only), folder);
  await rm(unpacked, { recursive: true });
}
