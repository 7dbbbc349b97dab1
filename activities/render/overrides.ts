import { readFile, stat } from 'node:fs/promises';
import { overrideFiles, overrideSource } from '../../core/application/source-overrides.ts';
import type { ApplicationSource } from '../../core/application/source-spec.ts';
import { KeelsonError } from '../../core/errors.ts';
import { locate } from './confine.ts';
import { renderFailure } from './failure.ts';
import type { RenderRequest } from './request.ts';

/** The source with what the files beside its manifests change of it; applied before a tool is chosen. */
export async function overriddenSource(
  request: RenderRequest,
  root: string,
  folder: string,
): Promise<ApplicationSource> {
  let { source } = request;
  for (const file of overrideFiles(request.application.instanceName)) {
    const text = await readOverride(request, root, folder, file);
    if (text === undefined) continue;
    try {
      source = overrideSource(source, file, text);
    } catch (cause) {
      if (!(cause instanceof KeelsonError)) throw cause;
      throw renderFailure(request, cause.message, { code: cause.code, cause });
    }
  }
  return source;
}

async function readOverride(
  request: RenderRequest,
  root: string,
  folder: string,
  file: string,
): Promise<string | undefined> {
  const place = await locate(root, folder, file);
  if (place.kind === 'outside') {
    throw renderFailure(request, `${file}: the symlink leads out of the repository; replace it by the file`);
  }
  if (place.kind === 'missing' || !(await stat(place.path)).isFile()) return undefined;
  return await readFile(place.path, 'utf8');
}
