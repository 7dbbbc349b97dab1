import { readFileSync } from 'node:fs';
import { isNull } from 'drizzle-orm';
import { parseJson } from '../../../core/object/json/json.ts';
import { operations } from '../../../db/schema/operation.ts';
import { guestbook, login, type TestApi } from '../keelson/api/api.ts';
import { checkReply, isStream } from '../keelson/api/reply-check.ts';

/** A request that a caller gets wrong in one place, or in none. */
type SweepRequest = {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  /** Of one that nothing is wrong with: which operation it is of. */
  readonly goodFor?: string;
};

/** An answer that no request may have. */
export type Fault = SweepRequest & { readonly status: number; readonly reply: string };

type Schema = {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly additionalProperties?: Schema | boolean;
};
type Parameter = {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: Schema;
};
type Operation = {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
};
type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

const document = parseJson(readFileSync('docs/api/openapi.json', 'utf8')) as Document;

/** Where another answer is right or the sweep would end itself. */
const leftOut: ReadonlySet<string> = new Set(['DELETE /api/v1/session']);

/** What a server without workers and clusters says of what it would ask them; nothing else may be away. */
const named = /no worker is here; start one|cluster is not there; start it/;

/** Whose right request is refused all the same: what it is about isn't there, or its body is no JSON of fields. */
export const refusedThoughRight: ReadonlySet<string> = new Set([
  'POST /api/v1/keelson/settings/rollback',
  'POST /api/v1/session',
  'PUT /api/v1/account/password',
  'DELETE /api/v1/account/{name}/sessions',
  'GET /api/v1/applications/{name}/revisions/{revision}/chartdetails',
  'POST /api/v1/applications/manifestsWithFiles',
  'POST /api/v1/applications/{name}/managed-resources',
  'POST /api/v1/applications/{name}/rollback',
  'POST /api/v1/applications/{name}/held-deletion',
  'DELETE /api/v1/applications/{name}/operation',
  'GET /api/v1/applications/{name}/operations/{id}',
  'GET /api/v1/applications/{name}/resource',
  'GET /api/v1/applications/{name}/resource/actions',
  'POST /api/v1/applications/{name}/resource/actions',
  'POST /api/v1/applications/{name}/resource/actions/v2',
  'GET /api/v1/applications/{name}/pods/{podName}/logs',
  'GET /api/v1/clusters/{id}',
  'GET /api/v1/repositories/{repo}',
  'DELETE /api/v1/repositories/{repo}',
  'DELETE /api/v1/certificates',
  'POST /api/v1/gpgkeys',
  'DELETE /api/v1/gpgkeys',
  'GET /api/v1/gpgkeys/{keyID}',
  'POST /api/webhook',
]);

const hostileTexts: readonly string[] = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\udfff',
  '%00',
  '%2500',
  '%',
  '%zz',
  '..',
  '../../etc/passwd',
  '.',
  '/',
  '//',
  '*',
  '?',
  '[z-a]',
  '{a,',
  "' or 1=1 --",
  '"',
  '\\',
  '$(id)',
  'a'.repeat(300),
  'a'.repeat(5000),
  '1e400',
  '-1',
  '0',
  '2147483648',
  '9223372036854775808',
  '99999999999999999999999',
  'NaN',
  '1.5',
  '99999999999999h',
  '-5s',
  'true',
  'null',
  'not a url',
  'https://',
  'https://[::1',
  'ssh://-oProxyCommand=x/y',
  'user@host:path',
  'oci://UPPER/case',
  'file:///nowhere',
  '__proto__',
  'constructor',
  'a,b,,c',
  'a in (',
  '(,'.repeat(200),
  '\u202e\u2028😀',
  '-----BEGIN CERTIFICATE-----',
  '[]',
  '{}',
  '[{"op":"add","path":"/spec/x","value":"\\u0000"}]',
];

/** Values of a JSON body; the last ones are texts because they have no form as values. */
const hostileJson: readonly string[] = [
  ...hostileTexts.map((text) => JSON.stringify(text)),
  'null',
  'true',
  '0',
  '-1',
  '1.5',
  '1e308',
  '2147483648',
  '9007199254740993',
  '9223372036854775808',
  '[]',
  '{}',
  '[null]',
  '[[]]',
  '{"__proto__":{"x":1}}',
  '{"\\u0000":1}',
  `${'['.repeat(600)}${']'.repeat(600)}`,
  `${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`,
];

const good: Readonly<Record<string, string>> = {
  repo: 'https://git.example.com/team/app.git',
  url: 'https://git.example.com/team',
  id: '00000000-0000-4000-8000-000000000000',
  resource: 'applications',
  action: 'get',
  subresource: 'default/a',
  revision: 'main',
  kind: 'ConfigMap',
  version: 'v1',
  resourceName: 'a',
  podName: 'a',
  hostNamePattern: 'git.example.com',
  keyID: '0123456789ABCDEF',
  project: 'default',
  role: 'swept',
  iat: '1',
};

const line = (value: unknown): string => JSON.stringify(value);

/** Bodies that are right, of operations that take fewer fields at once than there are, or none by their names. */
const goodBodies: Readonly<Record<string, (application: string) => unknown>> = {
  'POST /api/v1/applications/{name}/sync': () => ({ revision: 'main', infos: [{ name: 'a', value: 'b' }] }),
  'POST /api/v1/applications/{name}/rollback': () => ({ id: 1 }),
  'PATCH /api/v1/applications/{name}': () => ({ patchType: 'merge', patch: '{"spec":{}}' }),
  'POST /api/v1/applications/{name}/resource/actions': () => 'restart',
  'POST /api/v1/applications/{name}/resource/actions/v2': () => ({
    ...{ resourceName: 'a', kind: 'ConfigMap', version: 'v1', namespace: 'demo', action: 'restart' },
  }),
  'POST /api/v1/projects': (name) => ({ project: sweptProject(name), upsert: true }),
  'PUT /api/v1/projects/{name}': (name) => ({ project: sweptProject(name) }),
  'POST /api/v1/repositories': () => ({ repo: good['repo'], type: 'git', project: 'default' }),
  'PUT /api/v1/repositories/{repo}': () => ({ type: 'git', project: 'default' }),
  'POST /api/v1/repositories/{repo}/validate': () => ({ type: 'git' }),
  'POST /api/v1/repositories/{repo}/appdetails': (application) => ({
    source: guestbook(application).spec.source,
  }),
  'POST /api/v1/repocreds': () => ({ url: good['url'], username: 'a', password: 'b' }),
  'PUT /api/v1/repocreds/{url}': () => ({ url: good['url'], username: 'a', password: 'b' }),
  'POST /api/v1/certificates': () => ({
    items: [
      { serverName: 'git.example.com', certType: 'ssh', certSubType: 'ssh-ed25519', certData: hostKey },
    ],
  }),
  'POST /api/v1/keelson/sources/apply': () => ({
    manifests: line({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'argocd-tls-certs-cm' },
      data: {},
    }),
  }),
};

/** A project with an entry in each list, so that the sweep puts something hostile into every field. */
function sweptProject(name: string) {
  const kind = { group: 'apps', kind: 'Deployment' };
  return {
    metadata: { name, labels: { a: 'b' }, annotations: { a: 'b' }, finalizers: ['a/b'] },
    spec: {
      description: 'swept',
      sourceRepos: ['*'],
      sourceNamespaces: ['team-*'],
      destinations: [{ server: '*', namespace: '*' }],
      clusterResourceWhitelist: [{ ...kind, name: 'a' }],
      namespaceResourceBlacklist: [kind],
      orphanedResources: { warn: true, ignore: [{ ...kind, name: 'a' }] },
      signatureKeys: [{ keyID: '0123456789ABCDEF' }],
      roles: [
        {
          name: 'swept',
          policies: [`p, proj:${name}:swept, applications, get, ${name}/*, allow`],
          groups: ['a'],
        },
      ],
      syncWindows: [
        { kind: 'deny', schedule: '0 1 * * *', duration: '1h', applications: ['a'], timeZone: 'UTC' },
      ],
      destinationServiceAccounts: [{ server: '*', namespace: '*', defaultServiceAccount: 'a' }],
    },
  };
}

const hostKey = Buffer.from('AAAAC3NzaC1lZDI1NTE5AAAAIE3Uq5SYJqhBn0GbLRSN5bhQAm6FYAGTVeWQzaKMxRQP').toString(
  'base64',
);

/** Every request of the sweep: each operation as it should be, and with each hostile value in each place. */
export async function* sweepRequests(server: TestApi): AsyncGenerator<SweepRequest> {
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [verb, operation] of Object.entries(methods)) {
      const method = verb.toUpperCase();
      if (leftOut.has(`${method} ${path}`)) continue;
      const name = `swept-${method}-${path}`
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, '-')
        .slice(0, 60);
      const application = name.replace(/-$/, '');
      if (path.startsWith('/api/v1/projects/')) {
        const project = sweptProject(path.includes('{name}') ? application : 'default');
        await server.call('POST', '/api/v1/projects', { project, upsert: true });
      } else if (path.includes('{name}')) {
        await server.call('POST', '/api/v1/applications', guestbook(application));
      }
      for (const request of requestsOf(method, path, operation, application)) {
        // One operation an application: whatever the last request began has ended.
        if (mayBegin.test(path))
          await server.db.update(operations).set(ended).where(isNull(operations.finishedAt));
        yield request;
      }
    }
  }
}

const mayBegin = /\/(sync|rollback)$/;
const ended = { phase: 'Failed', message: 'of a test', finishedAt: new Date() } as const;

function* requestsOf(
  method: string,
  path: string,
  { parameters = [], requestBody }: Operation,
  application: string,
): Generator<SweepRequest> {
  const goodValue = ({ name }: Parameter): string => (name === 'name' ? application : (good[name] ?? ''));
  const withValue = (changed?: Parameter, value = ''): string => {
    let filled = path;
    const query: string[] = [];
    for (const parameter of parameters) {
      const text = encoded(parameter === changed ? value : goodValue(parameter));
      if (parameter.in === 'path') filled = filled.replace(`{${parameter.name}}`, () => text);
      else if (parameter === changed || parameter.required === true) query.push(`${parameter.name}=${text}`);
    }
    return query.length === 0 ? filled : `${filled}?${query.join('&')}`;
  };
  const { schema } = Object.values(requestBody?.content ?? {})[0] ?? {};
  const full = schema === undefined ? undefined : sampleOf(schema, application, 0);
  const operation = `${method} ${path}`;
  const sample = goodBodies[operation]?.(application) ?? full;
  const body = method === 'GET' ? {} : { body: JSON.stringify(sample ?? {}) };
  yield { method, path: withValue(), ...body, goodFor: operation };
  for (const parameter of parameters) {
    for (const text of hostileTexts) yield { method, path: withValue(parameter, text), ...body };
  }
  if (schema === undefined) return;
  for (const hostile of hostileJson) yield { method, path: withValue(), body: hostile };
  // Fields that the right body leaves out are put beside those that it has.
  const places = new Map([sample, full].flatMap(placesOf).map((place) => [line(place), place]));
  for (const place of places.values()) {
    const marked = line(put(sample, place));
    for (const hostile of hostileJson) {
      yield { method, path: withValue(), body: marked.replace(`"${mark}"`, () => hostile) };
    }
  }
  yield { method, path: withValue(), body: '{' };
}

function encoded(text: string): string {
  // Half a pair has no form in a URL; clients send what UTF-8 has instead.
  return encodeURIComponent(text.toWellFormed());
}

/** A value that a schema takes; of any object it takes one field. */
function sampleOf(schema: Schema, application: string, depth: number): unknown {
  if (schema.$ref !== undefined) {
    const { spec } = guestbook(application);
    return schema.$ref.endsWith('/ApplicationSpec') ? spec : guestbook(application);
  }
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const [choice] = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  if (choice !== undefined) return sampleOf(choice, application, depth);
  const type = [schema.type ?? 'object'].flat()[0];
  switch (type) {
    case 'string':
      return 'a';
    case 'boolean':
      return false;
    case 'integer':
    case 'number':
      return 1;
    case 'array':
      return schema.items === undefined || depth > 8 ? [] : [sampleOf(schema.items, application, depth + 1)];
    default: {
      // A field left out is right where one of no value is not.
      const fields = depth > 8 ? [] : Object.entries(schema.properties ?? {});
      const known: Readonly<Record<string, unknown>> = { ...good, name: application };
      return Object.fromEntries(
        fields.map(([name, inner]) => {
          const value = sampleOf(inner, application, depth + 1);
          return [name, typeof value === 'string' && depth === 0 ? (known[name] ?? value) : value];
        }),
      );
    }
  }
}

type Place = readonly (string | number)[];
const mark = 'the place of what is hostile';

/** Every place in a value, its own excepted. */
function placesOf(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const key = Array.isArray(value) ? Number(name) : name;
    return [[key], ...placesOf(inner).map((place) => [key, ...place])];
  });
}

/** A value with the mark at a place; what is above the place and not there is made. */
function put(value: unknown, [key, ...rest]: Place): unknown {
  if (key === undefined) return mark;
  const inner = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  if (typeof key === 'number') {
    const list: unknown[] = Array.isArray(value) ? value : [];
    return [...list.slice(0, key), put(inner, rest), ...list.slice(key + 1)];
  }
  return { ...(typeof value === 'object' ? value : {}), [key]: put(inner, rest) };
}

/**
 * Sends requests as admin and answers with the faults of the replies; of a stream only the status is looked at. A right
 * request that is refused is told to `refused`: what is wrong in one place of it would be hidden by that.
 */
export async function openSweep(
  server: TestApi,
  refused: (operation: string, reply: string) => void = () => {},
): Promise<(request: SweepRequest) => Promise<Fault | undefined>> {
  const { token } = await login(server.api, server.adminPassword);
  return async ({ method, path, body, goodFor }) => {
    const response = await server.api.request(path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body }),
    });
    const { status } = response;
    if (goodFor !== undefined && status >= 400 && status < 500)
      refused(goodFor, `${status} ${(await response.clone().text()).slice(0, 300)}`);
    const isJson = response.headers.get('content-type') === 'application/json';
    if (status < 500 && (!isJson || (status < 400 && isStream({ method, path })))) {
      await response.body?.cancel();
      return undefined;
    }
    const reply = await response.text();
    if (status < 500) {
      checkReply({ method, path, status, body: parseJson(reply) });
      return undefined;
    }
    if (status === 503 && named.test(reply)) return undefined;
    return { method, path, body: body?.slice(0, 300) ?? '', status, reply: reply.slice(0, 300) };
  };
}
