import { createRoute, z } from '@hono/zod-openapi';
import { forgetCertificates, registerCertificates } from '../../../control/access/certificates.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { readKnownHosts } from '../../../core/repository/known-hosts.ts';
import { globPattern } from '../../../core/text/glob.ts';
import { type Certificate, CertificateBody, CertificateList } from '../../../core/wire/trust.ts';
import {
  type CertificateRow,
  listCertificates,
  type NewCertificate,
  sshRow,
  tlsRow,
} from '../../../db/queries/repository/certificate.ts';
import { hostKeyFingerprint, readCertificates } from '../../../platform/keys/certificate.ts';
import { actorOf, requirePermission } from '../../auth/enforce.ts';
import { asks } from '../../auth/permission.ts';
import type { Api } from '../../context.ts';
import { flag, replies, text, validatedBody } from '../../route.ts';

const path = '/api/v1/certificates';
const filter = z.object({ hostNamePattern: text, certType: text, certSubType: text });

const list = createRoute({
  method: 'get',
  path,
  ...asks('certificates', 'get'),
  tags: ['certificates'],
  summary: 'List host keys of SSH and certificates trusted for TLS',
  request: { query: filter },
  responses: replies('Host keys and certificates', CertificateList),
});

const create = createRoute({
  method: 'post',
  path,
  ...asks('certificates', 'create'),
  tags: ['certificates'],
  summary: 'Register host keys and certificates; `upsert` replaces those that are there',
  request: { query: z.object({ upsert: flag }), body: validatedBody(CertificateBody) },
  responses: replies('What was registered by this call', CertificateList),
});

const remove = createRoute({
  method: 'delete',
  path,
  ...asks('certificates', 'delete'),
  tags: ['certificates'],
  summary: 'Forget the host keys and certificates of hosts that a pattern matches',
  request: { query: filter },
  responses: replies('What was removed', CertificateList),
});

/** Host keys and certificates by which servers are known. */
export function certificateRoutes(api: Api): void {
  api.openapi(list, async (c) => {
    requirePermission(c, 'certificates', 'get', '');
    return c.json(certificatesJson(matching(await listCertificates(c.var.deps.db), c.req.valid('query'))));
  });

  api.openapi(create, async (c) => {
    requirePermission(c, 'certificates', 'create', '');
    const { upsert = false } = c.req.valid('query');
    const rows = (c.req.valid('json').items ?? []).flatMap(rowsOf);
    return c.json(certificatesJson(await registerCertificates(c.var.deps, actorOf(c), rows, { upsert })));
  });

  api.openapi(remove, async (c) => {
    requirePermission(c, 'certificates', 'delete', '');
    const query = c.req.valid('query');
    if (!query.hostNamePattern) {
      throw new KeelsonError(
        'invalid-argument',
        'hostNamePattern is missing; name a host, or * for all of them',
      );
    }
    const rows = matching(await listCertificates(c.var.deps.db), query);
    await forgetCertificates(c.var.deps, actorOf(c), rows);
    return c.json(certificatesJson(rows));
  });
}

type Item = NonNullable<CertificateBody['items']>[number];

function rowsOf({ serverName, certType, certSubType, certData }: Item): NewCertificate[] {
  const data = Buffer.from(certData, 'base64').toString('utf8').trim();
  if (serverName === '') throw new KeelsonError('invalid-argument', 'serverName is empty; name the host');
  if (certType === 'https') {
    if (/[:/]/.test(serverName)) {
      throw new KeelsonError(
        'invalid-argument',
        `serverName "${serverName}" is not a host name; write it without scheme, port and path`,
      );
    }
    const pem = readCertificates(data, serverName).map((facts) => facts.pem);
    return [tlsRow({ serverName, pem: `${pem.join('\n')}\n` })];
  }
  const { hosts, issues } = readKnownHosts(`${serverName} ${certSubType ?? ''} ${data}`, serverName);
  const [issue] = issues;
  if (issue !== undefined) throw new KeelsonError('invalid-argument', `${serverName}: ${issue.message}`);
  return hosts.map(sshRow);
}

type Filter = z.output<typeof filter>;

function matching(rows: readonly CertificateRow[], query: Filter): CertificateRow[] {
  const pattern = query.hostNamePattern ? globPattern(query.hostNamePattern) : undefined;
  return rows.filter(
    (row) =>
      (pattern === undefined || row.serverName === query.hostNamePattern || pattern.test(row.serverName)) &&
      (!query.certType || query.certType === '*' || row.type === query.certType) &&
      (!query.certSubType || query.certSubType === '*' || row.keyType === query.certSubType),
  );
}

function certificatesJson(rows: readonly NewCertificate[]): CertificateList {
  return { metadata: {}, items: rows.flatMap((row) => (row.type === 'ssh' ? [sshJson(row)] : tlsJson(row))) };
}

function sshJson({ serverName, keyType, content }: NewCertificate): Certificate {
  return {
    serverName,
    certType: 'ssh',
    certSubType: keyType,
    certData: Buffer.from(content, 'utf8').toString('base64'),
    certInfo: hostKeyFingerprint(content),
  };
}

function tlsJson({ serverName, content }: NewCertificate): Certificate[] {
  return readCertificates(content, serverName).map(({ keyType, subject, pem }) => ({
    serverName,
    certType: 'https',
    certSubType: keyType,
    certData: Buffer.from(pem, 'utf8').toString('base64'),
    certInfo: subject,
  }));
}
