import { KeelsonError } from '../../core/errors.ts';
import { ownField } from '../../core/own-field.ts';
import { withoutTrailing } from '../../core/text/trim.ts';

/** A repository in an OCI registry. */
export type OciRepository = {
  /** Host and port. */
  readonly registry: string;
  /** Path of the repository in the registry. */
  readonly name: string;
};

const componentPattern = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const digestPattern = /^sha256:[0-9a-f]{64}$/;
const tagPattern = /^\w[\w.-]{0,127}$/;

/** Docker Hub serves its registry under another name than the one everybody writes. */
const realHosts: Readonly<Record<string, string>> = {
  'docker.io': 'registry-1.docker.io',
  'index.docker.io': 'registry-1.docker.io',
};

/** Reads `oci://host/path`, or the same without scheme as Helm repositories are written. */
export function parseOciAddress(address: string): OciRepository {
  const bare = withoutTrailing(address.trim().replace(/^(oci|https?):\/\//i, ''), '/');
  const slash = bare.indexOf('/');
  const registry = (slash === -1 ? bare : bare.slice(0, slash)).replace(/^.*@/, '').toLowerCase();
  const name = slash === -1 ? '' : bare.slice(slash + 1);
  if (
    !/^(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:\d+)?$/.test(registry) ||
    !name.split('/').every((part) => componentPattern.test(part))
  ) {
    throw new KeelsonError(
      'source-unreachable',
      `repository ${registry}/${name} is no OCI address; write oci://host/path in lower case, without tag`,
    );
  }
  return { registry: ownField(realHosts, registry) ?? registry, name };
}

/** Whether text is a digest, which names one content for ever. */
export function isDigest(text: string): boolean {
  return digestPattern.test(text);
}

/** Whether text can be a tag. */
export function isTag(text: string): boolean {
  return tagPattern.test(text);
}

/** The tag of a version: tags have no `+`, so an underscore stands for it by convention. */
export function tagOfVersion(version: string): string {
  return version.replaceAll('+', '_');
}

/** The version that a tag stands for. */
export function versionOfTag(tag: string): string {
  return tag.replaceAll('_', '+');
}
