import type { z } from '@hono/zod-openapi';
import { hasMultipleSources, sourcesOf } from '../core/application/source.ts';
import type { ApplicationSpec } from '../core/application/spec.ts';
import { KeelsonError } from '../core/errors.ts';
import type { ApplicationRow } from '../db/queries/application.ts';
import { getRender, type RenderRow } from '../db/queries/render.ts';
import type { ApiContext } from './context.ts';
import { inspect } from './inspect.ts';
import { repeated, text } from './route.ts';

/** Query parameters that name other revisions than the sources' target revisions. */
export const revisionQuery = { revision: text, revisions: repeated, sourcePositions: repeated };

type Revisions = z.output<z.ZodObject<typeof revisionQuery>>;

/** The revisions that a query asks for, by position; undefined when it asks for none. */
export function revisionsOf(spec: ApplicationSpec, query: Revisions): readonly string[] | undefined {
  const { revision, revisions, sourcePositions } = query;
  if (!hasMultipleSources(spec)) {
    refuse(
      revisions.length > 0 || sourcePositions.length > 0,
      'revisions and sourcePositions are for applications with spec.sources; use revision',
    );
    return revision ? [revision] : undefined;
  }
  refuse(
    Boolean(revision),
    'revision names no source of an application with several; use revisions with sourcePositions',
  );
  refuse(
    revisions.length !== sourcePositions.length,
    `revisions and sourcePositions differ in length (${revisions.length} and ${sourcePositions.length}); name one revision for each position`,
  );
  if (revisions.length === 0) return undefined;
  const asked = sourcesOf(spec).map(() => '');
  for (const [index, position] of sourcePositions.entries()) {
    const at = Number(position);
    refuse(
      !Number.isInteger(at) || at < 1 || at > asked.length,
      `source position is out of range: ${position}; positions are 1 to ${asked.length}`,
    );
    asked[at - 1] = revisions[index] ?? '';
  }
  return asked;
}

function refuse(wrong: boolean, message: string): void {
  if (wrong) throw new KeelsonError('invalid-argument', message);
}

/** An application as a worker renders it now, at other revisions or from uploaded files if wanted. */
export async function renderNow(
  c: ApiContext,
  row: Pick<ApplicationRow, 'id' | 'name'>,
  wanted: { readonly revisions?: readonly string[] | undefined; readonly uploadId?: string },
): Promise<RenderRow> {
  const { renderId } = await inspect(c, {
    kind: 'manifests',
    applicationId: row.id,
    ...(wanted.revisions === undefined ? {} : { revisions: wanted.revisions }),
    ...(wanted.uploadId === undefined ? {} : { uploadId: wanted.uploadId }),
  });
  const render = await getRender(c.var.deps.db, renderId);
  if (render !== undefined) return render;
  throw new KeelsonError(
    'internal',
    `application "${row.name}" was rendered and the render is gone; try again`,
  );
}
