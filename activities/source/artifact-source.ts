import type { OciArtifacts } from '../oci/artifacts.ts';
import { filesOnDisk } from '../render/files/source-files.ts';
import type { SourceReader } from './reader.ts';

/** Artifacts of OCI registries; their revision is the digest. */
export function artifactReader(artifacts: OciArtifacts): SourceReader {
  return {
    resolve: async ({ access, signal, revision }) => ({
      revision: await artifacts.resolveDigest({ access, revision: revision ?? '', signal }),
    }),
    async open({ access, signal, revision, fresh }) {
      const { path, release } = await artifacts.fetch({ access, digest: revision, fresh, signal });
      return { files: filesOnDisk(path), release };
    },
  };
}
