import { chmod, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeelsonError } from '../../core/errors.ts';
import { formatJson } from '../../core/object/json/json.ts';
import type { PluginFile } from '../../core/plugin/plugin-file.ts';
import { run } from '../../platform/exec.ts';
import type { Logger } from '../../platform/logger.ts';
import { removeTree } from '../../platform/sandbox/remove.ts';
import { type FailureReply, protocolVersion, type TaskName, taskPaths } from './protocol.ts';
import { defaultReceiveLimits, type Received, type ReceiveLimits, receiveTask } from './receive.ts';
import { type PluginSteps, pluginSteps } from './steps.ts';

export type PluginServerOptions = {
  readonly plugin: PluginFile;
  /** Folder of the sockets; the plugin's is `<address>.sock`. */
  readonly socketDir: string;
  /** What the plugin's programs get of the sidecar's own variables. */
  readonly environment: Readonly<Record<string, string>>;
  /** Values that are hidden in messages. */
  readonly secrets: readonly string[];
  /** A task may ask for less. */
  readonly timeoutSeconds: number;
  readonly limits?: Partial<ReceiveLimits>;
  readonly log: Pick<Logger, 'error' | 'info'>;
};

export type PluginServer = { readonly socket: string; close(): Promise<void> };

/** Longest path of a socket on Linux. */
const maxSocketPath = 107;
/** Variables that a task may set: none of them changes what programs and libraries are loaded. */
const taskVariable = /^(?:ARGOCD_|KUBE_|PARAM_)/;

/** Serves a plugin on a socket: each task gets a folder of its own, removed afterwards. */
export async function startPluginServer(options: PluginServerOptions): Promise<PluginServer> {
  const socket = join(options.socketDir, `${options.plugin.address}.sock`);
  if (Buffer.byteLength(socket) > maxSocketPath) {
    throw new KeelsonError(
      'invalid-argument',
      `socket ${socket}: path is longer than ${maxSocketPath} bytes; choose a shorter --socket-dir or plugin name`,
    );
  }
  await mkdir(options.socketDir, { recursive: true });
  await removeStale(socket);
  const server = createServer((request, response) => void respond(options, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  // Worker and sidecars share a group through the volume; nobody else on the machine has business here.
  await chmod(socket, 0o660);
  return { socket, close: () => close(server) };
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function removeStale(socket: string): Promise<void> {
  const isServed = await new Promise<boolean>((resolve) => {
    const probe = connect(socket, () => resolve(true)).on('error', () => resolve(false));
    probe.on('connect', () => probe.destroy());
  });
  if (isServed) {
    throw new KeelsonError(
      'conflict',
      `socket ${socket}: another plugin server is there; stop it or give this plugin another name`,
    );
  }
  await rm(socket, { force: true });
}

async function respond(
  options: PluginServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    if (request.method === 'GET' && request.url === '/plugin') {
      const { name, version, discovery } = options.plugin;
      return send(response, 200, { protocol: protocolVersion, name, version, discovery });
    }
    const task = (Object.keys(taskPaths) as TaskName[]).find((one) => taskPaths[one] === request.url);
    if (request.method !== 'POST' || task === undefined) {
      throw new KeelsonError('not-found', `path ${request.url} is unknown; the worker is of another release`);
    }
    send(response, 200, await perform(options, task, request, response));
  } catch (error) {
    const failure = failureOf(error);
    // Of what nobody expects, the place in the program tells more than the words.
    const trace = error instanceof KeelsonError || !(error instanceof Error) ? {} : { trace: error.stack };
    options.log.error({ path: request.url, error: failure.message, ...trace }, 'task failed');
    send(response, 422, failure);
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(formatJson(body));
}

function failureOf(error: unknown): FailureReply {
  if (error instanceof KeelsonError) {
    const { code, message, retryable } = error;
    return { code, message, retryable };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'unavailable', message: `plugin server: ${message}; see its log`, retryable: true };
}

async function perform(
  options: PluginServerOptions,
  task: TaskName,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<unknown> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'keelson-plugin-'));
  try {
    const received = await receiveTask(
      request,
      folder,
      { ...defaultReceiveLimits, ...options.limits },
      { keepsModes: options.plugin.preserveFileMode, signal: gone.signal },
    );
    const temporary = join(folder, 'tmp');
    await mkdir(temporary);
    return await stepsOf(options, received, temporary, gone.signal)[task]();
  } finally {
    await removeTree(folder);
  }
}

function stepsOf(
  { plugin, environment, secrets, timeoutSeconds }: PluginServerOptions,
  { request, copy }: Received,
  temporary: string,
  signal: AbortSignal,
): PluginSteps {
  const odd = Object.keys(request.variables).find((name) => !taskVariable.test(name));
  if (odd !== undefined) {
    throw new KeelsonError('invalid-argument', `variable ${odd} can't be set by a task; rename it`);
  }
  const limits = {
    timeoutSeconds: Math.min(timeoutSeconds, request.timeoutSeconds),
    maxOutputBytes: request.maxOutputBytes,
    raise: timeoutSeconds < request.timeoutSeconds ? ', or raise --timeout of the plugin server' : '',
  };
  const env = { ...environment, TMPDIR: temporary, ...request.variables };
  return pluginSteps(plugin, copy, limits, (command, args, how) =>
    run(command, args, { ...how, env, secrets, signal }),
  );
}
