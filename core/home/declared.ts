import { groupOf, type Manifest } from '../object/manifest/manifest.ts';

/**
 * A manifest as its owner declares it, whoever writes it to a cluster: an Application's `operation` is a request to the
 * live object and its `status` is told of it. Written from Git they would start a sync again with every sync of the
 * parent, and overwrite what is told.
 */
export function asDeclared(manifest: Manifest): Manifest {
  if (groupOf(manifest.apiVersion) !== 'argoproj.io' || manifest.kind !== 'Application') return manifest;
  const { operation: _, status: __, ...declared } = manifest;
  return declared;
}
