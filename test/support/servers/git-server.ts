import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Author, type Files, importCommit, runGit } from '../render/git-import.ts';
import { createLfsStore, type LfsStore } from './lfs-store.ts';

export type { Author, Files } from '../render/git-import.ts';

/** One repository of the test server. */
export type TestRepository = {
  /** Smart HTTP address on loopback. */
  readonly url: string;
  readonly fileUrl: string;
  /** The bare repository's directory. */
  readonly dir: string;
  /** Commits on top of a branch (default `main`): given files are written, `null` deletes one. */
  commit(files: Files, message?: string, options?: CommitOptions): Promise<string>;
  tag(name: string, options?: { sha?: string; annotated?: boolean }): Promise<void>;
  branch(name: string, sha?: string): Promise<void>;
  /** Removes a branch or a tag by its full name (`refs/heads/x`). */
  deleteRef(ref: string): Promise<void>;
};

export type CommitOptions = { readonly branch?: string; readonly author?: Author };

/** One request that reached the server. */
export type ServedRequest = {
  readonly method: string;
  readonly path: string;
  readonly service: string;
  readonly authorization: string | undefined;
  readonly status: number;
};

/** Requests that get no answer for now. */
export type Held = {
  /** How many wait at the moment, and how many have at most. */
  waiting(): number;
  most(): number;
  /** How many have come so far. */
  asked(): number;
  release(): void;
};

/** A real Git server over HTTP: `git http-backend` behind node:http on a free loopback port. */
export type GitServer = {
  readonly url: string;
  readonly dir: string;
  readonly requests: ServedRequest[];
  /** The files that its repositories keep in LFS. */
  readonly lfs: LfsStore;
  createRepository(name: string, files?: Files): Promise<TestRepository>;
  /** From now on every request needs this user and password (basic authentication). */
  requireAuth(user: string, password: string): void;
  /** From now on every request needs this Authorization header; without one, anybody is let in. */
  requireHeader(authorization?: string): void;
  /** Answers every request with this status until it is called without one. */
  failWith(status?: number): void;
  /** Leaves requests to this host name (such as `slow.localhost`) without an answer until they are released. */
  hold(host: string): Held;
  /** How many requests asked for a service: `refs`, `git-upload-pack` or `git-receive-pack`. */
  count(service: string): number;
  stop(): Promise<void>;
};

/** Starts a Git server with no repositories, over TLS when it is given what that takes. */
export async function startGitServer(tls?: ServerOptions): Promise<GitServer> {
  const dir = await mkdtemp(join(tmpdir(), 'keelson-git-server-'));
  const requests: ServedRequest[] = [];
  const running = new Set<ChildProcessWithoutNullStreams>();
  const lfs = createLfsStore();
  let expected: string | undefined;
  let failure: number | undefined;
  const holds = new Map<string, Hold>();

  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const hold = holds.get((request.headers.host ?? '').replace(/:\d+$/, ''));
    if (hold === undefined) answer(request, response);
    else hold.keep(response, () => answer(request, response));
  };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const target = new URL(request.url ?? '/', 'http://localhost');
    const status = refusal(request, expected, failure);
    requests.push({
      method: request.method ?? 'GET',
      path: target.pathname,
      service: target.pathname.endsWith('/info/refs') ? 'refs' : (target.pathname.split('/').at(-1) ?? ''),
      authorization: request.headers.authorization,
      status: status ?? 200,
    });
    if (status === undefined && lfs.serves(target.pathname)) {
      lfs.answer(url, target.pathname, request, response);
      return;
    }
    if (status === undefined) {
      serve(dir, target, request, response, running);
      return;
    }
    request.resume();
    response.writeHead(status, status === 401 ? { 'www-authenticate': 'Basic realm="test"' } : {}).end();
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  const url = await new Promise<string>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('the server has no port');
      resolve(`${tls === undefined ? 'http' : 'https'}://127.0.0.1:${address.port}`);
    });
  });

  return {
    url,
    dir,
    requests,
    lfs,
    createRepository: (name, files = {}) => createRepository(dir, url, name, files),
    requireAuth: (user, password) => {
      expected = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    },
    requireHeader: (authorization) => {
      expected = authorization;
    },
    failWith: (status) => {
      failure = status;
    },
    hold: (host) => {
      const hold = createHold();
      holds.set(host, hold);
      return {
        ...hold,
        release: () => {
          if (holds.get(host) === hold) holds.delete(host);
          hold.release();
        },
      };
    },
    count: (service) => requests.filter((request) => request.service === service).length,
    stop: async () => {
      for (const child of running) child.kill('SIGKILL');
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(dir, { recursive: true, force: true });
    },
  };
}

type Hold = Held & {
  keep(response: ServerResponse, answer: () => void): void;
};

function createHold(): Hold {
  const kept = new Map<ServerResponse, () => void>();
  let [most, asked] = [0, 0];
  return {
    keep: (response, answer) => {
      kept.set(response, answer);
      asked += 1;
      most = Math.max(most, kept.size);
      // Whoever gives up waits no more.
      response.on('close', () => kept.delete(response));
    },
    waiting: () => kept.size,
    most: () => most,
    asked: () => asked,
    release: () => {
      const answers = [...kept.values()];
      kept.clear();
      for (const answer of answers) answer();
    },
  };
}

function refusal(
  request: IncomingMessage,
  expected: string | undefined,
  failure: number | undefined,
): number | undefined {
  if (failure !== undefined) return failure;
  if (expected !== undefined && request.headers.authorization !== expected) return 401;
  return undefined;
}

async function createRepository(
  root: string,
  serverUrl: string,
  name: string,
  files: Files,
): Promise<TestRepository> {
  const dir = join(root, name);
  await runGit(root, ['init', '--quiet', '--bare', '--initial-branch=main', dir]);
  await runGit(dir, ['config', 'http.receivepack', 'true']);
  // As every large host allows: to leave out files, and to ask for them by their ids.
  await runGit(dir, ['config', 'uploadpack.allowFilter', 'true']);
  const commit: TestRepository['commit'] = (changed, message = 'change', options = {}) =>
    importCommit(dir, changed, message, options.branch ?? 'main', options.author);
  if (Object.keys(files).length > 0) await commit(files, 'first commit');
  return {
    url: `${serverUrl}/${name}`,
    fileUrl: pathToFileURL(dir).href,
    dir,
    commit,
    tag: async (tagName, { sha = 'refs/heads/main', annotated = false } = {}) => {
      const kind = annotated ? ['--annotate', '--message', tagName] : [];
      await runGit(dir, ['tag', ...kind, tagName, sha]);
    },
    branch: async (branchName, sha = 'refs/heads/main') => {
      await runGit(dir, ['branch', '--force', branchName, sha]);
    },
    deleteRef: async (ref) => {
      await runGit(dir, ['update-ref', '-d', ref]);
    },
  };
}

function serve(
  dir: string,
  target: URL,
  request: IncomingMessage,
  response: ServerResponse,
  running: Set<ChildProcessWithoutNullStreams>,
): void {
  const header = (name: string): string => String(request.headers[name] ?? '');
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      GIT_PROJECT_ROOT: dir,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_NOSYSTEM: '1',
      HOME: dir,
      PATH_INFO: target.pathname,
      QUERY_STRING: target.search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: header('content-type'),
      ...(header('content-length') === '' ? {} : { CONTENT_LENGTH: header('content-length') }),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      GIT_PROTOCOL: header('git-protocol'),
      REMOTE_USER: 'test',
      REMOTE_ADDR: '127.0.0.1',
    },
  });
  running.add(child);
  child.on('close', () => running.delete(child));
  child.on('error', () => response.destroy());
  // The backend may answer before it has read everything.
  child.stdin.on('error', () => undefined);
  request.pipe(child.stdin);
  child.stderr.resume();
  relay(child, response);
}

/** Turns the CGI answer (headers, blank line, body) into an HTTP one. */
function relay(child: ChildProcessWithoutNullStreams, response: ServerResponse): void {
  let head: Buffer | undefined = Buffer.alloc(0);
  child.stdout.on('data', (chunk: Buffer) => {
    if (head === undefined) return void response.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) return;
    let status = 200;
    for (const line of head.subarray(0, end).toString('latin1').split('\r\n')) {
      const colon = line.indexOf(':');
      const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()];
      if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.writeHead(status);
    response.write(head.subarray(end + 4));
    head = undefined;
  });
  child.stdout.on('end', () => {
    if (head !== undefined) response.writeHead(500);
    response.end();
  });
}
