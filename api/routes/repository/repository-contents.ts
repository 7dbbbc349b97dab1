import { createRoute, z } from '@hono/zod-openapi';
import { objectOf } from '../../../control/context.ts';
import { readName } from '../../../core/application/home.ts';
import { instanceName, sourcesOf } from '../../../core/application/source/source.ts';
import { ApplicationSource } from '../../../core/application/source/source-spec.ts';
import { checkSourceTexts } from '../../../core/application/spec/check-texts.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { formatIssues } from '../../../core/issue.ts';
import { sameJson } from '../../../core/object/json/canonical.ts';
import { scopedObject } from '../../../core/rbac/request.ts';
import type { SourceDetails as FoundDetails } from '../../../core/repository/inspection.ts';
import { repositoryUrlFault } from '../../../core/repository/url-fault.ts';
import type { RepositoryType } from '../../../core/repository/words.ts';
import { ChartList, RepositoryRefs, SourceDetails, SourceFolderList } from '../../../core/wire/repository.ts';
import { type ApplicationRow, findApplication } from '../../../db/queries/application/application.ts';
import { readBy, storedAccess } from '../../../db/queries/repository/stored-access.ts';
import { inspectNamed } from '../../application/inspect.ts';
import { enforce } from '../../auth/enforce.ts';
import { asks } from '../../auth/permission.ts';
import type { Api, ApiContext } from '../../context.ts';
import { decodeTwice } from '../../request/path-id.ts';
import { replies, text, validatedBody } from '../../route.ts';

const urlParam = z.object({ repo: z.string() });
const path = '/api/v1/repositories/{repo}';

const refs = createRoute({
  method: 'get',
  path: `${path}/refs`,
  ...asks('repositories', 'get'),
  tags: ['repositories'],
  summary: 'Branches and tags of a Git repository',
  request: { params: urlParam, query: z.object({ appProject: text }) },
  responses: replies('The refs', RepositoryRefs),
});

const apps = createRoute({
  method: 'get',
  path: `${path}/apps`,
  ...asks('repositories', 'get'),
  tags: ['repositories'],
  summary: 'Folders of a Git repository that hold a chart or a kustomization',
  request: { params: urlParam, query: z.object({ revision: text, appName: text, appProject: text }) },
  responses: replies('The folders', SourceFolderList),
});

const charts = createRoute({
  method: 'get',
  path: `${path}/helmcharts`,
  ...asks('repositories', 'get'),
  tags: ['repositories'],
  summary: 'Charts of a Helm repository with their versions',
  request: { params: urlParam, query: z.object({ appProject: text }) },
  responses: replies('The charts', ChartList),
});

const DetailsBody = z.object({
  source: ApplicationSource,
  appName: z.string().nullish(),
  appProject: z.string().nullish(),
  sourceIndex: z.number().nullish(),
  versionId: z.number().nullish(),
});

const details = createRoute({
  method: 'post',
  path: `${path}/appdetails`,
  ...asks('repositories', 'get'),
  tags: ['repositories'],
  summary: 'The tool of a source, and what of it can be set',
  request: { params: urlParam, body: validatedBody(DetailsBody) },
  responses: replies('The tool and, by its name in lower case, what can be set', SourceDetails),
});

/** What is in repositories, as a worker finds it. */
export function repositoryContentRoutes(api: Api): void {
  api.openapi(refs, async (c) => {
    const { appProject } = c.req.valid('query');
    const repository = await readable(c, decodeTwice(c.req.valid('param').repo), appProject);
    return c.json(await inspectNamed(c, { kind: 'refs', ...repository }));
  });

  api.openapi(apps, async (c) => {
    const { revision = '', appName, appProject } = c.req.valid('query');
    const repository = await readable(c, decodeTwice(c.req.valid('param').repo), appProject);
    const object = objectNamed(c, appProject || 'default', appName ?? '');
    const mayUse = ['create', 'update'].some((action) => enforce(c, 'applications', action, object));
    if (!mayUse) throw denied();
    return c.json({ items: (await inspectNamed(c, { kind: 'apps', ...repository, revision })).apps });
  });

  api.openapi(charts, async (c) => {
    const { appProject } = c.req.valid('query');
    const repository = await readable(c, decodeTwice(c.req.valid('param').repo), appProject, 'helm');
    return c.json({ items: (await inspectNamed(c, { kind: 'charts', ...repository })).charts });
  });

  api.openapi(details, async (c) => {
    const { source, appName, appProject } = c.req.valid('json');
    // What the request holds was looked at before its schema left anything out.
    const issues = checkSourceTexts(source, source);
    if (issues.length > 0) {
      throw new KeelsonError('invalid-argument', `request is not valid: source.${formatIssues(issues)}`);
    }
    const type = source.chart ? 'helm' : 'git';
    const { project } = await readable(c, source.repoURL, appProject ?? undefined, type);
    const name = appName ?? '';
    await requireSource(c, source, name, project);
    const home = c.var.deps.config.controlPlaneNamespace;
    const instance = instanceName({ metadata: readName(name, home) }, home);
    return c.json(detailsJson(await inspectNamed(c, { kind: 'details', source, project, name: instance })));
  });
}

/** The repository that a project's applications would read, if the subject may see it. */
async function readable(
  c: ApiContext,
  url: string,
  appProject: string | undefined,
  type: RepositoryType = 'git',
): Promise<{ readonly url: string; readonly project: string }> {
  const project = appProject ?? '';
  const row = readBy(await storedAccess(c.var.deps.db, url), url, project);
  const object = scopedObject(row?.url ?? url, row?.project ?? '');
  if (!enforce(c, 'repositories', 'get', object)) throw denied();
  const fault = repositoryUrlFault(url, row?.type ?? type);
  if (fault !== undefined) throw new KeelsonError('invalid-argument', `repository ${fault}`);
  return { url, project: project || 'default' };
}

/** Who may only look at an application sees the sources that it has or had, not every folder of the repository. */
async function requireSource(
  c: ApiContext,
  source: ApplicationSource,
  name: string,
  project: string,
): Promise<void> {
  const { db, config } = c.var.deps;
  const may = (action: string): boolean => enforce(c, 'applications', action, objectNamed(c, project, name));
  const row = await findApplication(db, readName(name, config.controlPlaneNamespace));
  if (row === undefined) {
    if (!may('create')) throw denied();
    return;
  }
  const isAllowed = row.project === project && may('get') && (may('update') || hasSource(row, source));
  if (!isAllowed) throw denied();
}

/** The object of a right to an application of a project by its name; to any of them where none is named. */
function objectNamed(c: ApiContext, project: string, name: string): string {
  if (name === '') return `${project}/*`;
  return objectOf(c.var.deps, { project, ...readName(name, c.var.deps.config.controlPlaneNamespace) });
}

function hasSource(row: ApplicationRow, source: ApplicationSource): boolean {
  return sourcesOf(row.spec).some((one) => sameJson(one, source));
}

function denied(): KeelsonError {
  return new KeelsonError('forbidden', 'permission denied');
}

function detailsJson({ type, helm, kustomize, plugin }: FoundDetails): SourceDetails {
  return {
    type,
    ...(helm === undefined ? {} : { helm: { ...helm, fileParameters: [] } }),
    ...(kustomize === undefined ? {} : { kustomize }),
    ...(type === 'Directory' ? { directory: {} } : {}),
    ...(plugin === undefined ? {} : { plugin }),
  };
}
