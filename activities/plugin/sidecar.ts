import { request as httpRequest } from 'node:http';
import { relative } from 'node:path';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { type ErrorCode, KeelsonError } from '../../core/errors.ts';
import { formatJson, parseJson } from '../../core/object/json/json.ts';
import { Announcements } from '../../core/plugin/plugin-file.ts';
import { anySignal } from '../../core/waiting/any-signal.ts';
import { readBounded } from '../../platform/bounded-bytes.ts';
import { packEnd, packFolder, packText } from '../archive/pack.ts';
import { type Plugin, type PluginTask, PluginUnresponsive } from './plugin.ts';
import {
  FailureReply,
  PluginReply,
  type TaskName,
  type TaskRequest,
  taskMembers,
  taskPaths,
} from './protocol.ts';

/** How long a sidecar is waited for. */
type Patience = {
  /** To say what it is. */
  readonly describeSeconds: number;
  /** Beyond the time that a task may take: for the files to get there and the answer to come back. */
  readonly transferSeconds: number;
};
const usualPatience: Patience = { describeSeconds: 5, transferSeconds: 30 };
/** A text as JSON takes at most six bytes for one. */
const jsonGrowth = 6;
const maxDescriptionBytes = 1_000_000;

/** A plugin behind the socket of a sidecar. */
export function sidecarPlugin(
  address: string,
  socket: string,
  { describeSeconds, transferSeconds } = usualPatience,
): Plugin {
  const call = <Shape extends z.ZodType>(shape: Shape, exchange: Exchange): Promise<z.infer<Shape>> =>
    converse(address, socket, shape, exchange);
  const perform = <Shape extends z.ZodType>(
    shape: Shape,
    name: TaskName,
    task: PluginTask,
  ): Promise<z.infer<Shape>> => {
    const { limits } = task;
    const seconds = limits.timeoutSeconds + transferSeconds;
    const end = AbortSignal.timeout(seconds * 1000);
    return call(shape, {
      path: taskPaths[name],
      body: Readable.from(archiveOf(task)),
      maxBytes: limits.maxOutputBytes * jsonGrowth,
      signal: task.signal === undefined ? end : anySignal([end, task.signal]),
      seconds,
    });
  };
  return {
    address,
    discovery: async () => {
      const signal = AbortSignal.timeout(describeSeconds * 1000);
      const { discovery } = await call(PluginReply, {
        path: '/plugin',
        maxBytes: maxDescriptionBytes,
        signal,
        seconds: describeSeconds,
      });
      return discovery;
    },
    ask: (task) => perform(z.boolean(), 'ask', task),
    generate: (task) => perform(z.string(), 'generate', task),
    parameters: (task) => perform(Announcements, 'parameters', task),
  };
}

async function* archiveOf({ root, folder, variables, limits }: PluginTask): AsyncGenerator<Buffer> {
  const request: TaskRequest = { path: relative(root, folder) || '.', variables, ...limits };
  yield* packText(taskMembers.request, formatJson(request));
  yield* packFolder(root, taskMembers.files);
  yield packEnd();
}

type Exchange = {
  readonly path: string;
  /** Without it something is asked only. */
  readonly body?: Readable;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  /** After which the signal comes where it is only asked. */
  readonly seconds: number;
};

async function converse<Shape extends z.ZodType>(
  address: string,
  socket: string,
  shape: Shape,
  exchange: Exchange,
): Promise<z.infer<Shape>> {
  const { status, text } = await exchangeWith(socket, exchange).catch((cause: unknown) => {
    if (exchange.signal.aborted) throw stopped(address, exchange, cause);
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PluginUnresponsive(
      `plugin ${address}: its socket doesn't answer (${why}); start the sidecar again, or remove ${address}.sock if it is gone for good`,
      { waits: false, cause },
    );
  });
  const value = parseReply(text);
  const failure = status === 200 ? undefined : FailureReply.safeParse(value).data;
  if (failure !== undefined) {
    // The sidecar is of the operator, and at worst of another release: a code that isn't known does no harm.
    throw new KeelsonError(failure.code as ErrorCode, failure.message, { retryable: failure.retryable });
  }
  const read = shape.safeParse(value);
  if (read.success) return read.data;
  throw new KeelsonError(
    'unavailable',
    `plugin ${address}: its sidecar answers in a way this release doesn't know; use the plugin-server of this release`,
  );
}

function stopped(address: string, { signal, body, seconds }: Exchange, cause: unknown): KeelsonError {
  const isLate = signal.reason instanceof Error && signal.reason.name === 'TimeoutError';
  if (isLate && body === undefined) {
    return new PluginUnresponsive(
      `plugin ${address}: its sidecar did not answer within ${seconds} s; look at its log and start it again`,
      { waits: true, cause },
    );
  }
  return isLate
    ? new KeelsonError(
        'timeout',
        `plugin ${address}: its sidecar takes longer than ${seconds} s to answer; look at its log and start it again`,
        {
          retryable: true,
          cause,
        },
      )
    : new KeelsonError('unavailable', `plugin ${address}: stopped before it finished`, {
        retryable: true,
        cause,
      });
}

function parseReply(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    // Safe: what is no JSON fits no shape, and the caller says so.
    return undefined;
  }
}

async function exchangeWith(
  socket: string,
  { path, body, maxBytes, signal }: Exchange,
): Promise<{ readonly status: number; readonly text: string }> {
  return await new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const request = httpRequest({ socketPath: socket, path, method, signal }, (response) => {
      const refusal = (): Error => new Error(`it answered with more than ${maxBytes} bytes`);
      readBounded(response, maxBytes, refusal).then(
        (text) => resolve({ status: response.statusCode ?? 0, text: text.toString('utf8') }),
        reject,
      );
    });
    request.on('error', reject);
    if (body === undefined) {
      request.end();
      return;
    }
    body.on('error', (cause) => request.destroy(cause));
    body.pipe(request);
  });
}
