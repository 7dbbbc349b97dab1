import { createRoute, z } from '@hono/zod-openapi';
import type { Application } from '../../core/application/spec.ts';
import { KeelsonError } from '../../core/errors.ts';
import { parseJson } from '../../core/object/json.ts';
import { jsonPatch } from '../../core/object/json-patch.ts';
import { mergePatch } from '../../core/object/merge-patch.ts';
import {
  type ApplicationRow,
  type ApplicationWrite,
  findApplication,
  updateApplication,
} from '../../db/queries/application.ts';
import { createApplication } from '../../db/queries/application-create.ts';
import { recordAudit } from '../../db/queries/audit.ts';
import { ensureRepository } from '../../db/queries/repository.ts';
import { applicationJson } from '../application-json.ts';
import { lookUpApplication, permissionName } from '../application-lookup.ts';
import { showApplication } from '../application-show.ts';
import {
  isSameWrite,
  parseApplication,
  repositoriesOf,
  requireSources,
  resolveWrite,
} from '../application-write.ts';
import { requirePermission, subjectOf } from '../auth/enforce.ts';
import type { Api, ApiContext } from '../context.ts';
import { sendHint } from '../hint.ts';
import { documentedBody, flag, readJson, ref, replies, text, validatedBody } from '../route.ts';
import { announceApproval, approvesDeletions } from './deletion-approval.ts';

const nameParam = z.object({ name: z.string() });
const writeQuery = z.object({ validate: flag, project: text, appNamespace: text });

const create = createRoute({
  method: 'post',
  path: '/api/v1/applications',
  tags: ['applications'],
  summary:
    'Create an application; `upsert` changes the one that is there, `validate=false` leaves the checks of sources and destination out',
  request: { query: z.object({ upsert: flag, validate: flag }), body: documentedBody(ref('Application')) },
  responses: replies('The application', ref('Application')),
});

const replace = createRoute({
  method: 'put',
  path: '/api/v1/applications/{name}',
  tags: ['applications'],
  summary:
    'Replace spec, labels, annotations and finalizers; a worker checks changed sources unless `validate=false`',
  request: { params: nameParam, query: writeQuery, body: documentedBody(ref('Application')) },
  responses: replies('The application', ref('Application')),
});

const replaceSpec = createRoute({
  method: 'put',
  path: '/api/v1/applications/{name}/spec',
  tags: ['applications'],
  summary: 'Replace the spec; a worker checks changed sources unless `validate=false`',
  request: { params: nameParam, query: writeQuery, body: documentedBody(ref('ApplicationSpec')) },
  responses: replies('The spec', ref('ApplicationSpec')),
});

const patch = createRoute({
  method: 'patch',
  path: '/api/v1/applications/{name}',
  tags: ['applications'],
  summary:
    'Patch an application: `patchType` is `json` (RFC 6902), the default, or `merge`; a worker checks changed sources',
  request: {
    params: nameParam,
    body: validatedBody(z.object({ patch: z.string(), patchType: text, project: text, appNamespace: text })),
  },
  responses: replies('The application', ref('Application')),
});

/** Create, replace, patch. */
export function applicationChangeRoutes(api: Api): void {
  api.openapi(create, async (c) => {
    const { upsert = false, validate = true } = c.req.valid('query');
    const application = parseApplication(await readJson(c));
    return c.json(await createOrUpdate(c, application, { upsert, validate }));
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
  const { metadata, spec, ...type } = applicationJson({ row, written: [], history: [] }, row.namespace);
  const { name, namespace, labels, annotations, finalizers } = metadata;
  return {
    apiVersion: type.apiVersion,
    kind: type.kind,
    metadata: { name, namespace, labels, annotations, finalizers },
    spec,
  };
}

function parsePatch(patchText: string): unknown {
  try {
    return parseJson(patchText);
  } catch (cause) {
    throw new KeelsonError('invalid-argument', 'patch is not JSON; send the patch as a JSON text', { cause });
  }
}

async function createOrUpdate(
  c: ApiContext,
  application: Application,
  options: { readonly upsert: boolean; readonly validate: boolean },
): Promise<Application> {
  const { db, config } = c.var.deps;
  const { name } = application.metadata;
  const object = permissionName({ project: application.spec.project, name });
  requirePermission(c, 'applications', 'create', object);
  const namespace = homeOf(application, config.controlPlaneNamespace);
  const before = await findApplication(db, { namespace, name });
  const write = await resolveWrite(c.var.deps, application, { ...options, before });
  // What is there and must not change is answered or refused as it is.
  const writes = before === undefined || options.upsert;
  if (options.validate && writes) await requireSources(c.var.deps, name, write, before);
  const row = await createApplication(db, {
    ...write,
    namespace,
    name,
    repositories: repositoriesOf(write),
    audit: { actor: subjectOf(c).username, action: 'application.create', object },
  });
  if (row === undefined) return upsertInto(c, { namespace, name }, write, options.upsert);
  wakeEngine(c, row);
  return applicationJson({ row, written: [], history: [] }, config.controlPlaneNamespace);
}

async function upsertInto(
  c: ApiContext,
  taken: { readonly namespace: string; readonly name: string },
  write: ApplicationWrite,
  upsert: boolean,
): Promise<Application> {
  const existing = await findApplication(c.var.deps.db, taken);
  if (existing === undefined) {
    throw new KeelsonError('conflict', `application "${taken.name}" was deleted just now; create it again`, {
      retryable: true,
    });
  }
  if (existing.deletionRequestedAt !== null) {
    throw new KeelsonError(
      'precondition-failed',
      `application "${taken.name}" is being deleted, and what is written to it now goes with it; create it again once it is gone`,
    );
  }
  if (isSameWrite(existing, write)) return showApplication(c, existing.id);
  if (!upsert) {
    throw new KeelsonError(
      'invalid-argument',
      'existing application spec is different, use upsert flag to force update',
    );
  }
  for (const { project } of [existing, write]) {
    requirePermission(c, 'applications', 'update', permissionName({ project, name: existing.name }));
  }
  return store(c, existing, write);
}

async function change(
  c: ApiContext,
  row: ApplicationRow,
  application: Application,
  validate: boolean,
): Promise<Application> {
  const object = permissionName({ project: application.spec.project, name: row.name });
  requirePermission(c, 'applications', 'update', object);
  const write = await resolveWrite(c.var.deps, application, { validate, before: row });
  if (validate) await requireSources(c.var.deps, row.name, write, row);
  return store(c, row, write);
}

async function store(c: ApiContext, row: ApplicationRow, write: ApplicationWrite): Promise<Application> {
  const { db } = c.var.deps;
  const object = permissionName({ project: write.project, name: row.name });
  const updated = await db.transaction(async (tx) => {
    const written = await updateApplication(tx, row, write);
    if (written === undefined)
      throw new KeelsonError('not-found', `application "${row.name}" was deleted meanwhile`);
    for (const repository of repositoriesOf(write)) await ensureRepository(tx, repository);
    await recordAudit(tx, { actor: subjectOf(c).username, action: 'application.update', object });
    return written;
  });
  wakeEngine(c, updated);
  // A deletion may wait for anything that was just written, a sync for an approval.
  if (updated.deletionRequestedAt !== null || approvesDeletions(row, updated)) {
    await announceApproval(c, updated);
  }
  return showApplication(c, row.id);
}

function homeOf(application: Application, controlPlaneNamespace: string): string {
  const namespace = application.metadata.namespace || controlPlaneNamespace;
  if (namespace === controlPlaneNamespace) return namespace;
  throw new KeelsonError(
    'invalid-argument',
    `namespace "${namespace}" is not permitted for applications; leave it out or use "${controlPlaneNamespace}"`,
  );
}

function wakeEngine(c: ApiContext, row: ApplicationRow): void {
  const { engine } = c.var.deps;
  sendHint(c, engine.refreshApplication(row.id));
  if (row.clusterId !== null) sendHint(c, engine.ensureClusterSession(row.clusterId));
}
