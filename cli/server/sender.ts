import { Agent, fetch, type Response } from 'undici';
import type { z } from 'zod';
import { KeelsonError } from '../../core/errors.ts';
import { formatJson } from '../../core/object/json/json.ts';
import { anySignal } from '../../core/waiting/any-signal.ts';
import type { ApiRequest, Query, Replies, ReplyName } from '../../core/wire/requests/request.ts';
import { apiErrorOf, connectionError, type Exchange, type TokenOrigin } from './api-error.ts';
import { readReply, schemaOf } from './read-reply.ts';

/** Where the server is and how to speak to it. */
export type ClientOptions = {
  /** Base URL, such as `http://127.0.0.1:8080`. */
  readonly server: string;
  readonly token?: string | undefined;
  /** Where the token came from, for what to do when it is refused. */
  readonly tokenFrom?: TokenOrigin | undefined;
  /** The command that makes a session there. */
  readonly login?: string;
  /** Whether any certificate is accepted. */
  readonly insecure?: boolean;
  /** Certificates in PEM to trust instead of the system's. */
  readonly certificateAuthority?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** How long an answer is waited for, else two minutes. */
  readonly patienceSeconds?: number;
  /** Hears of every request that was answered. */
  readonly onAnswer?: (line: string) => void;
};

/** A reply as it came, and the operation that it names. */
export type Answer = { readonly text: string; readonly operationId: string | undefined };

/** Ways to make a request. */
export type Sender = {
  /** The reply as the contract says it. */
  call<Name extends ReplyName>(request: ApiRequest<Name>): Promise<Replies[Name]>;
  /** The reply as another schema says it, for requests that ask for parts of it. */
  read<Schema extends z.ZodType>(schema: Schema, request: ApiRequest): Promise<z.infer<Schema>>;
  /** The reply, and the operation that it names. */
  start<Name extends ReplyName>(
    request: ApiRequest<Name>,
  ): Promise<{ readonly reply: Replies[Name]; readonly operationId: string | undefined }>;
  close(): Promise<void>;
};

/** A refresh is answered only when the comparison is done, and that takes a render. */
const requestTimeoutSeconds = 120;

/** Opens a way to a server; `options.server` has no closing slash. */
export function createSender(options: ClientOptions): Sender {
  // A connection that is kept may be closed just when a request goes out on it, and who asked to sync then doesn't know
  // whether it was heard. Each request has a connection of its own.
  const agent = new Agent({
    pipelining: 0,
    connect: {
      rejectUnauthorized: options.insecure !== true,
      ...(options.certificateAuthority === undefined ? {} : { ca: options.certificateAuthority }),
    },
  });
  const send = (request: ApiRequest): Promise<Answer> => exchange(options, agent, request);
  const read = <Schema extends z.ZodType>(schema: Schema, path: string, text: string): z.infer<Schema> =>
    readReply(schema, { server: options.server, path, text });
  return {
    call: async (request) => read(schemaOf(request.reply), request.path, (await send(request)).text),
    read: async (schema, request) => read(schema, request.path, (await send(request)).text),
    async start(request) {
      const { text, operationId } = await send(request);
      return { reply: read(schemaOf(request.reply), request.path, text), operationId };
    },
    close: () => agent.destroy(),
  };
}

async function exchange(options: ClientOptions, agent: Agent, request: ApiRequest): Promise<Answer> {
  const { patienceSeconds = requestTimeoutSeconds, server } = options;
  const { method } = request;
  const path = `/${request.path}`;
  const limit = AbortSignal.timeout(patienceSeconds * 1000);
  const signal = options.signal === undefined ? limit : anySignal([limit, options.signal]);
  let response: Response;
  let text: string;
  const started = performance.now();
  try {
    response = await fetch(`${server}${path}${queryText(request.query ?? {})}`, {
      method,
      headers: headersOf(options, method),
      body: request.text ?? (request.body === undefined ? null : formatJson(request.body)),
      dispatcher: agent,
      signal,
    });
    text = await response.text();
  } catch (cause) {
    options.signal?.throwIfAborted();
    if (limit.aborted)
      throw slowAnswer(`${server} did not answer ${path} within ${patienceSeconds} s`, cause);
    throw connectionError(server, cause);
  }
  options.onAnswer?.(`${method} ${path} ${response.status} ${Math.round(performance.now() - started)}ms`);
  const operationId = response.headers.get('keelson-operation-id') ?? undefined;
  if (response.ok) return { text, operationId };
  throw apiErrorOf(exchangeOf(options, path), response.status, text);
}

function exchangeOf({ server, token, tokenFrom = 'login', login }: ClientOptions, path: string): Exchange {
  return {
    server,
    path,
    tokenFrom: token === undefined ? undefined : tokenFrom,
    login: login ?? `keelson login ${server}`,
  };
}

function slowAnswer(what: string, cause: unknown): KeelsonError {
  return new KeelsonError('timeout', `server ${what}; try again`, { retryable: true, cause });
}

function headersOf(options: ClientOptions, method: string): Record<string, string> {
  return {
    accept: 'application/json',
    ...(method === 'GET' ? {} : { 'content-type': 'application/json' }),
    ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
    ...options.headers,
  };
}

function queryText(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const one of [value].flat()) parameters.append(name, one);
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}
