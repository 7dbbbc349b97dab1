import { overrideFiles, overrideSource } from '../../../core/application/source/source-overrides.ts';
import type { ApplicationSource } from '../../../core/application/source/source-spec.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { passedOverWarning } from '../../../core/render-trust.ts';
import { renderFailure } from '../failure.ts';
import type { RenderRequest } from '../request.ts';

/** The source with what the files beside its manifests change of it; applied before a tool is chosen. */
export async function overriddenSource(
  request: RenderRequest,
  folder: string,
): Promise<{ readonly source: ApplicationSource; readonly warnings: readonly string[] }> {
  let { source } = request;
  const warnings: string[] = [];
  for (const file of overrideFiles(request.application.instanceName)) {
    const text = await readOverride(request, folder, file);
    if (text === undefined) continue;
    try {
      const overridden = overrideSource(source, file, text);
      source = overridden.source;
      if (overridden.passedOver !== undefined) warnings.push(passedOverWarning(file, overridden.passedOver));
    } catch (cause) {
      if (!(cause instanceof KeelsonError)) throw cause;
      throw renderFailure(request, cause.message, { code: cause.code, cause });
    }
  }
  return { source, warnings };
}

async function readOverride(
  request: RenderRequest,
  folder: string,
  file: string,
): Promise<string | undefined> {
  const place = await request.files.find(folder, file);
  if (place.kind === 'outside') {
    throw renderFailure(request, `${file}: the symlink leads out of the repository; replace it by the file`);
  }
  return place.kind === 'file' ? await request.files.read(place.path) : undefined;
}
