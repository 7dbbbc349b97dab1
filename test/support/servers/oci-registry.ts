import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash, createPrivateKey, randomUUID, X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import bcrypt from 'bcryptjs';
import { SignJWT } from 'jose';
import { stringify } from 'yaml';
import { createAuthority } from '../../../local/kubernetes/authority.ts';
import { toolPath } from '../../../local/obtain/tools.ts';
import { pollUntil } from '../../../local/poll.ts';
import { freePort } from '../../../local/ports.ts';

const run = promisify(execFile);

/** One request for a token that reached the registry's token server. */
export type TokenRequest = { readonly authorization: string | undefined; readonly scope: string };

/** A real registry on loopback without TLS, which wants one user's password. */
export type OciRegistry = {
  /** Host and port. */
  readonly host: string;
  readonly username: string;
  readonly password: string;
  /** Empty where passwords go to the registry itself. */
  readonly tokenRequests: TokenRequest[];
  /** Publishes a tar archive of files as the one layer of an artifact; returns its digest. */
  push(
    name: string,
    tag: string,
    files: Readonly<Record<string, string>>,
    options?: PushOptions,
  ): Promise<string>;
  stop(): Promise<void>;
};

export type PushOptions = {
  readonly layerType?: string;
  /** Further layers, with their media types. */
  readonly more?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
};

const user = { username: 'pusher', password: 'registry-password' };
const layer = 'application/vnd.oci.image.layer.v1.tar+gzip';

export type RegistryOptions = {
  /** Sends clients to a token server, as the public ones do. */
  readonly tokens?: boolean;
  /** PEM; clients have to show a certificate of the authority. Nothing can be pushed then. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly clientAuthority: string };
};

/** Starts an empty registry. */
export async function startOciRegistry(options: RegistryOptions = {}): Promise<OciRegistry> {
  const program = await toolPath('registry');
  const dir = await mkdtemp(join(tmpdir(), 'keelson-registry-'));
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  const tokens = options.tokens === true ? await startTokenServer(dir) : undefined;
  await writeFile(join(dir, 'htpasswd'), `${user.username}:${await bcrypt.hash(user.password, 4)}\n`);
  const configuration = {
    version: '0.1',
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(dir, 'storage') } },
    http: { addr: host, ...(options.tls === undefined ? {} : { tls: await tlsFiles(dir, options.tls) }) },
    auth: tokens?.auth ?? { htpasswd: { realm: 'test', path: join(dir, 'htpasswd') } },
  };
  await writeFile(join(dir, 'config.yml'), stringify(configuration));
  const child = spawn(program, ['serve', join(dir, 'config.yml')], { stdio: 'ignore', env: { HOME: dir } });
  // Over TLS too: it answers that it speaks no plain HTTP there.
  await pollUntil('test registry', 15, async () => {
    const reply = await fetch(`http://${host}/v2/`).catch(() => undefined);
    return reply !== undefined;
  });
  return {
    host,
    ...user,
    tokenRequests: tokens?.requests ?? [],
    push: (name, tag, files, push) => pushArtifact(host, tokens, { name, tag, files, ...push }),
    stop: async () => {
      await ended(child);
      await tokens?.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function tlsFiles(
  dir: string,
  { key, cert, clientAuthority }: NonNullable<RegistryOptions['tls']>,
): Promise<object> {
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(dir, name), text, { mode: 0o600 });
    return join(dir, name);
  };
  return {
    key: await file('key.pem', key),
    certificate: await file('certificate.pem', cert),
    clientcas: [await file('client-authority.pem', clientAuthority)],
  };
}

async function ended(child: ChildProcess): Promise<void> {
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}

type TokenServer = {
  readonly auth: object;
  readonly requests: TokenRequest[];
  token(scope: string): Promise<string>;
  stop(): Promise<void>;
};

/** Gives tokens for the one user's password that the registry checks by their signature. */
async function startTokenServer(dir: string): Promise<TokenServer> {
  const authority = createAuthority();
  const signer = authority.issue({ subject: { name: 'tokens' }, use: 'server', hosts: ['127.0.0.1'] });
  await writeFile(join(dir, 'authority.pem'), authority.certificatePem);
  const key = createPrivateKey(signer.keyPem);
  const requests: TokenRequest[] = [];
  const token = async (scope: string): Promise<string> => {
    const [type = '', name = '', actions = ''] = scope.split(':');
    const access = scope === '' ? [] : [{ type, name, actions: actions.split(',') }];
    return await new SignJWT({ access })
      .setProtectedHeader({
        alg: 'ES256',
        x5c: [new X509Certificate(signer.certificatePem).raw.toString('base64')],
      })
      .setIssuer('test-tokens')
      .setAudience('test-registry')
      .setSubject(user.username)
      .setIssuedAt()
      .setNotBefore('-10s')
      .setExpirationTime('1m')
      .setJti(randomUUID())
      .sign(key);
  };
  const expected = basicOf(user);
  const server = createServer(async (request, response) => {
    const scope = new URL(request.url ?? '/', 'http://localhost').searchParams.get('scope') ?? '';
    const { authorization } = request.headers;
    requests.push({ authorization, scope });
    if (authorization !== expected) return response.writeHead(401).end();
    return response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ token: await token(scope) }));
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('the server has no port');
      resolve(address.port);
    });
  });
  return {
    auth: {
      token: {
        realm: `http://127.0.0.1:${port}/token`,
        service: 'test-registry',
        issuer: 'test-tokens',
        rootcertbundle: join(dir, 'authority.pem'),
      },
    },
    requests,
    token,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function basicOf({ username, password }: typeof user): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

type Artifact = PushOptions & {
  readonly name: string;
  readonly tag: string;
  readonly files: Readonly<Record<string, string>>;
};

async function pushArtifact(
  host: string,
  tokens: TokenServer | undefined,
  artifact: Artifact,
): Promise<string> {
  const { name, tag, files, layerType = layer, more = [], annotations = {} } = artifact;
  const authorization =
    tokens === undefined ? basicOf(user) : `Bearer ${await tokens.token(`repository:${name}:pull,push`)}`;
  const send = async (method: string, url: string, type: string, body?: Buffer): Promise<Response> => {
    const reply = await fetch(url, {
      method,
      headers: { authorization, 'content-type': type },
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
    });
    if (!reply.ok) throw new Error(`${method} ${url}: ${reply.status} ${await reply.text()}`);
    return reply;
  };
  const blob = async (content: Buffer, mediaType: string) => {
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    const started = await send(
      'POST',
      `http://${host}/v2/${name}/blobs/uploads/`,
      'application/octet-stream',
    );
    const target = new URL(started.headers.get('location') ?? '', `http://${host}`);
    target.searchParams.set('digest', digest);
    await send('PUT', target.href, 'application/octet-stream', content);
    return { mediaType, digest, size: content.length };
  };
  const content = await packFiles(files, layerType.endsWith('gzip'));
  const layers = [await blob(content, layerType)];
  for (const [index, type] of more.entries()) layers.push(await blob(Buffer.from(`more ${index}`), type));
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const config = await blob(Buffer.from('{}'), 'application/vnd.oci.empty.v1+json');
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers, annotations }));
  await send('PUT', `http://${host}/v2/${name}/manifests/${tag}`, mediaType, manifest);
  return `sha256:${createHash('sha256').update(manifest).digest('hex')}`;
}

async function packFiles(files: Readonly<Record<string, string>>, gzip: boolean): Promise<Buffer> {
  const work = await mkdtemp(join(tmpdir(), 'keelson-artifact-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(work, 'tree', path)), { recursive: true });
      await writeFile(join(work, 'tree', path), text);
    }
    await run('tar', [
      '-c',
      ...(gzip ? ['-z'] : []),
      '-f',
      join(work, 'archive'),
      '-C',
      join(work, 'tree'),
      '.',
    ]);
    return await readFile(join(work, 'archive'));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
