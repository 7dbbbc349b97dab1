import type { z } from '@hono/zod-openapi';
import { revisionsOf } from '../../control/application/sync-request.ts';
import { nameOf } from '../../control/context.ts';
import { requestedRevisions } from '../../core/application/source/revisions.ts';
import type { ApplicationSpec } from '../../core/application/spec/spec.ts';
import { KeelsonError } from '../../core/errors.ts';
import type { ApplicationRow } from '../../db/queries/application/application.ts';
import { getRender, type RenderRow } from '../../db/queries/application/render.ts';
import type { ApiContext } from '../context.ts';
import { repeated, text } from '../route.ts';
import { inspect } from './inspect.ts';

/** Query parameters that name other revisions than the sources' target revisions. */
export const revisionQuery = { revision: text, revisions: repeated, sourcePositions: repeated };

type Revisions = z.output<z.ZodObject<typeof revisionQuery>>;

/** The revisions that a query asks for, by position; undefined when it asks for none. */
export function requestedRevisionsOf(spec: ApplicationSpec, query: Revisions): readonly string[] | undefined {
  const sourcePositions = query.sourcePositions.map(Number);
  const asked = requestedRevisions(revisionsOf({ ...query, sourcePositions }, spec));
  return asked.length === 0 ? undefined : asked;
}

/** Objects that sources render to, and what was rendered. */
export type Rendered = Pick<RenderRow, 'objects'> & {
  readonly revision: string;
  readonly sourceTypes: readonly string[];
};

/** An application as a worker renders it now, at other revisions or from uploaded files if wanted. */
export async function renderNow(
  c: ApiContext,
  row: Pick<ApplicationRow, 'id' | 'name' | 'namespace'>,
  wanted: { readonly revisions?: readonly string[] | undefined; readonly uploadId?: string },
): Promise<Rendered> {
  const { renderId, revision, sourceTypes } = await inspect(c, {
    kind: 'manifests',
    applicationId: row.id,
    ...(wanted.revisions === undefined ? {} : { revisions: wanted.revisions }),
    ...(wanted.uploadId === undefined ? {} : { uploadId: wanted.uploadId }),
  });
  const render = await getRender(c.var.deps.db, renderId);
  if (render !== undefined) return { objects: render.objects, revision, sourceTypes };
  throw new KeelsonError(
    'internal',
    `application "${nameOf(c.var.deps, row)}" was rendered and the render is gone; try again`,
  );
}
