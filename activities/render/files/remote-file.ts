import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KeelsonError } from '../../../core/errors.ts';
import { accessTo } from '../../../core/repository/access.ts';
import { shownUrl } from '../../remote/failure.ts';
import { authorizationOf } from '../../remote/http.ts';
import { renderFailure } from '../failure.ts';
import type { Rendering } from '../request.ts';

/** Of a file of values; the largest ones in public charts have some hundred kilobytes. */
const maxFileBytes = 16 * 1024 * 1024;

/** Whether a path is an address with a scheme. */
export function isAddress(path: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(path);
}

/**
 * Fetches a file that a source names by its address; returns its path below the scratch folder. Credentials of
 * repositories are never sent: whoever writes an application could send them anywhere.
 */
export async function fetchFile(rendering: Rendering, address: string, role: string): Promise<string> {
  const shown = shownUrl(address);
  const scheme = address.slice(0, address.indexOf(':')).toLowerCase();
  const { valuesFileSchemes } = rendering.settings;
  const url = URL.parse(address);
  if (!valuesFileSchemes.includes(scheme) || url === null || rendering.remote === undefined) {
    const allowed = valuesFileSchemes.length === 0 ? 'none' : valuesFileSchemes.join(', ');
    throw renderFailure(
      rendering,
      `${role} ${shown}: the URL scheme '${scheme}' is not allowed; helm.valuesFileSchemes allows ${allowed}`,
    );
  }
  const { accessFor, http } = rendering.remote;
  const own = { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  url.username = '';
  url.password = '';
  const name = join('remote', randomUUID());
  await mkdir(join(rendering.scratch, 'remote'), { recursive: true });
  const { caBundle } = await accessFor(url.href);
  try {
    await http.save(
      {
        url,
        access: { ...accessTo(url.href), fromSource: true, ...(caBundle === undefined ? {} : { caBundle }) },
        what: role,
        authorization: authorizationOf(own),
        own: true,
        maxBytes: maxFileBytes,
        signal: rendering.signal,
      },
      join(rendering.scratch, name),
    );
  } catch (cause) {
    if (!(cause instanceof KeelsonError)) throw cause;
    const { code, retryable } = cause;
    throw renderFailure(rendering, `${role} ${shown}: ${cause.message}`, { code, retryable, cause });
  }
  return name;
}
