import type { RepositoryAccess } from '../../core/repository/access.ts';
import type { OciRepository } from './reference.ts';

/** Where content is, and who reads it. */
export type OciSource = {
  readonly access: RepositoryAccess;
  readonly repository: OciRepository;
  readonly signal?: AbortSignal | undefined;
};

/** The address of a source's registry. */
export function originOf({ access, repository }: OciSource): URL {
  return new URL(`${isPlain(access) ? 'http' : 'https'}://${repository.registry}`);
}

/** Whether a registry is spoken to without TLS, on request. */
export function isPlain({ credentials }: RepositoryAccess): boolean {
  return credentials.insecureOCIForceHttp === true;
}
