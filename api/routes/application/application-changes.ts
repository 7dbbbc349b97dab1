import { createRoute, z } from '@hono/zod-openapi';
import { changeApplication, writeApplication } from '../../../control/application/write-application.ts';
import { etagOf } from '../../../core/application/etag.ts';
import { applicationManifest } from '../../../core/application/manifest.ts';
import { Application, ApplicationSpec } from '../../../core/application/spec/spec.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { parseJson } from '../../../core/object/json/json.ts';
import { jsonPatch } from '../../../core/object/json/json-patch.ts';
import { mergePatch } from '../../../core/object/json/merge-patch.ts';
import { PatchBody } from '../../../core/wire/application.ts';
import type { ApplicationRow } from '../../../db/queries/application/application.ts';
import { lookUpApplication } from '../../application/application-lookup.ts';
import { showApplication } from '../../application/application-show.ts';
import { parseApplication } from '../../application/parse-application.ts';
import { actorOf } from '../../auth/enforce.ts';
import { asks } from '../../auth/permission.ts';
import type { Api, ApiContext } from '../../context.ts';
import { checkBody } from '../../request/plain-request.ts';
import { documentedBody, flag, readJson, reference, replies, text, validatedBody } from '../../route.ts';

const nameParam = z.object({ name: z.string() });
/** With another entity tag than the application has, nothing is written. */
const headers = z.object({ 'if-match': text });
const writeQuery = z.object({ validate: flag, project: text, appNamespace: text });

const create = createRoute({
  method: 'post',
  path: '/api/v1/applications',
  ...asks('applications', 'create'),
  tags: ['applications'],
  summary:
    'Create an application; `upsert` changes the one that is there, `validate=false` leaves the checks of sources and destination out',
  request: {
    query: z.object({ upsert: flag, validate: flag }),
    body: documentedBody(reference(Application)),
  },
  responses: replies('The application', Application),
});

const replace = createRoute({
  method: 'put',
  path: '/api/v1/applications/{name}',
  ...asks('applications', 'update'),
  tags: ['applications'],
  summary:
    'Replace spec, labels, annotations and finalizers; a worker checks changed sources unless `validate=false`',
  request: { params: nameParam, headers, query: writeQuery, body: documentedBody(reference(Application)) },
  responses: replies('The application', Application),
});

const replaceSpec = createRoute({
  method: 'put',
  path: '/api/v1/applications/{name}/spec',
  ...asks('applications', 'update'),
  tags: ['applications'],
  summary: 'Replace the spec; a worker checks changed sources unless `validate=false`',
  request: {
    params: nameParam,
    headers,
    query: writeQuery,
    body: documentedBody(reference(ApplicationSpec)),
  },
  responses: replies('The spec', ApplicationSpec),
});

const patch = createRoute({
  method: 'patch',
  path: '/api/v1/applications/{name}',
  ...asks('applications', 'update'),
  tags: ['applications'],
  summary:
    'Patch an application: `patchType` is `json` (RFC 6902), the default, or `merge`; a worker checks changed sources',
  request: {
    params: nameParam,
    headers,
    body: validatedBody(PatchBody),
  },
  responses: replies('The application', Application),
});

/** Create, replace, patch. */
export function applicationChangeRoutes(api: Api): void {
  api.openapi(create, async (c) => {
    const { upsert = false, validate = true } = c.req.valid('query');
    const application = parseApplication(await readJson(c));
    const { row, created } = await writeApplication(c.var.deps, actorOf(c), application, {
      upsert,
      validate,
    });
    if (!created) return c.json(await showApplication(c, row.id));
    c.header('etag', etagOf(row));
    return c.json(applicationManifest({ row, written: [], history: [] }, row.namespace));
  });

  api.openapi(replace, async (c) => {
    const { name } = c.req.valid('param');
    const { validate = true, ...query } = c.req.valid('query');
    const application = parseApplication(await readJson(c));
    if (application.metadata.name !== name) {
      throw new KeelsonError(
        'invalid-argument',
        `metadata.name is "${application.metadata.name}" but the path names "${name}"; make them the same`,
      );
    }
    const row = await lookUpApplication(c, { name, ...query }, 'update');
    return c.json(await change(c, row, application, validate));
  });

  api.openapi(replaceSpec, async (c) => {
    const { name } = c.req.valid('param');
    const { validate = true, ...query } = c.req.valid('query');
    const row = await lookUpApplication(c, { name, ...query }, 'update');
    const application = parseApplication({ ...ownPart(row), spec: await readJson(c) });
    return c.json((await change(c, row, application, validate)).spec);
  });

  api.openapi(patch, async (c) => {
    const { name } = c.req.valid('param');
    const body = c.req.valid('json');
    const apply = patchers.get(body.patchType || 'json');
    if (apply === undefined) {
      throw new KeelsonError(
        'invalid-argument',
        `patchType "${body.patchType}" is not supported; use "json" or "merge"`,
      );
    }
    const row = await lookUpApplication(c, { ...body, name }, 'update');
    const patched = parseApplication(apply(ownPart(row), parsePatch(body.patch)));
    if (patched.metadata.name !== name) {
      throw new KeelsonError(
        'invalid-argument',
        'metadata.name can not be changed; leave it out of the patch',
      );
    }
    return c.json(await change(c, row, patched, true));
  });
}

const patchers: ReadonlyMap<string, (target: unknown, patch: unknown) => unknown> = new Map([
  ['json', jsonPatch],
  ['merge', mergePatch],
]);

/** What an owner may change of an application, as an Application. */
function ownPart(row: ApplicationRow) {
  const { metadata, spec, ...type } = applicationManifest({ row, written: [], history: [] }, row.namespace);
  const { name, namespace, labels, annotations, finalizers } = metadata;
  return {
    apiVersion: type.apiVersion,
    kind: type.kind,
    metadata: { name, namespace, labels, annotations, finalizers },
    spec,
  };
}

function parsePatch(patchText: string): unknown {
  const patch = parsed(patchText);
  // JSON in a text of JSON: the look at the request's body saw a text alone.
  checkBody(patch);
  return patch;
}

function parsed(patchText: string): unknown {
  try {
    return parseJson(patchText);
  } catch (cause) {
    throw new KeelsonError('invalid-argument', 'patch is not JSON; send the patch as a JSON text', { cause });
  }
}

/** Answers with the application as it is after a change. */
async function change(
  c: ApiContext,
  row: ApplicationRow,
  application: Application,
  validate: boolean,
): Promise<Application> {
  const ifMatch = c.req.header('if-match');
  await changeApplication(c.var.deps, actorOf(c), row, application, { validate, ifMatch });
  return showApplication(c, row.id);
}
