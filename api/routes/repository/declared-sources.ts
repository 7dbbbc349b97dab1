import { createRoute, z } from '@hono/zod-openapi';
import { registerCertificates } from '../../../control/access/certificates.ts';
import { registerGpgKeys } from '../../../control/access/gpg-keys.ts';
import { registerRepository } from '../../../control/access/repositories.ts';
import { registerTemplate } from '../../../control/access/templates.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { formatIssues, type Issue } from '../../../core/issue.ts';
import { readManifests } from '../../../core/object/manifest/read-manifests.ts';
import { type DeclaredSources, readDeclaredSources } from '../../../core/repository/declarative.ts';
import type { TemplateRecord } from '../../../core/repository/record.ts';
import { DeclaredCounts } from '../../../core/wire/repository.ts';
import { sshRow, tlsRow } from '../../../db/queries/repository/certificate.ts';
import { readCertificates } from '../../../platform/keys/certificate.ts';
import { type PgpKey, readPgpKeys } from '../../../platform/keys/pgp-key.ts';
import { actorOf } from '../../auth/enforce.ts';
import { asksEach } from '../../auth/permission.ts';
import type { Api, ApiContext } from '../../context.ts';
import { refuseUnusable } from '../../repository/repository-body.ts';
import { replies, validatedBody } from '../../route.ts';

const apply = createRoute({
  method: 'post',
  path: '/api/v1/keelson/sources/apply',
  ...asksEach('repositories', 'create'),
  tags: ['repositories'],
  summary:
    'Register what labelled Secrets and the ConfigMaps of known hosts, certificates and GnuPG keys declare; all or nothing is read',
  request: { body: validatedBody(z.object({ manifests: z.string() })) },
  responses: replies('How many of each were declared, and how many objects were passed over', DeclaredCounts),
});

/** Repositories as manifests declare them. */
export function declaredSourceRoutes(api: Api): void {
  api.openapi(apply, async (c) => {
    const { manifests, issues } = readManifests(c.req.valid('json').manifests, 'manifests');
    const declared = readDeclaredSources(manifests);
    const keys = declared.gpgKeys.map(keysOrIssue);
    refuse([
      ...issues,
      ...declared.issues,
      ...unusable(declared),
      ...keys.flatMap(({ issues: more }) => more),
    ]);
    await applyDeclared(
      c,
      declared,
      keys.flatMap(({ keys: read }) => read),
    );
    const counts: DeclaredCounts = {
      repositories: declared.repositories.length,
      templates: declared.templates.length,
      knownHosts: declared.knownHosts.length,
      certificates: declared.certificates.length,
      gpgKeys: declared.gpgKeys.length,
      passedOver: declared.passedOver,
    };
    return c.json(counts);
  });
}

/** Certificates and templates first: repositories are read with them. A repository that can't be reached is kept. */
async function applyDeclared(
  c: ApiContext,
  declared: DeclaredSources,
  keys: readonly PgpKey[],
): Promise<void> {
  const rows = [...declared.knownHosts.map(sshRow), ...declared.certificates.map(tlsRow)];
  const actor = actorOf(c);
  const { deps } = c.var;
  if (rows.length > 0) await registerCertificates(deps, actor, rows, { upsert: true });
  if (keys.length > 0) await registerGpgKeys(deps, actor, keys);
  for (const template of declared.templates) await registerTemplate(deps, actor, template, { upsert: true });
  for (const record of declared.repositories) {
    await registerRepository(deps, actor, record, { upsert: true, test: false });
  }
}

function unusable({ repositories, templates, certificates }: DeclaredSources): Issue[] {
  const all: readonly TemplateRecord[] = [...repositories, ...templates];
  return [
    ...all.flatMap((record) => issueOf(() => refuseUnusable(record))),
    ...certificates.flatMap(({ serverName, pem }) => issueOf(() => readCertificates(pem, serverName))),
  ];
}

function keysOrIssue(text: string): { readonly keys: readonly PgpKey[]; readonly issues: readonly Issue[] } {
  let keys: readonly PgpKey[] = [];
  const issues = issueOf(() => {
    keys = readPgpKeys(text);
  });
  return { keys, issues };
}

function issueOf(check: () => unknown): Issue[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof KeelsonError)) throw error;
    return [{ path: '', message: error.message }];
  }
}

function refuse(issues: readonly Issue[]): void {
  if (issues.length === 0) return;
  throw new KeelsonError('manifest-invalid', `nothing was registered; ${formatIssues(issues)}`);
}
