import type { HonoRequest, MiddlewareHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { formatJson, parseJson } from '../../core/object/json/json.ts';

/**
 * Makes the JSON of requests and replies keep every digit of a number. Hono's own reading rounds a whole number beyond
 * 2^53, as an application's Helm values may hold, and its writing refuses one.
 */
export const exactJson: MiddlewareHandler = async (c, next) => {
  Object.assign(c, {
    json: (value: unknown, status?: ContentfulStatusCode, headers?: Record<string, string>) =>
      c.body(formatJson(value), status, { 'content-type': 'application/json', ...headers }),
  });
  Object.assign(c.req, { json: () => bodyOf(c.req) });
  await next();
};

const bodies = new WeakMap<Request, Promise<unknown>>();

/** The JSON body of a request, read once however many ask; fails with the parser's error where it is none. */
export function bodyOf(request: HonoRequest): Promise<unknown> {
  const read = bodies.get(request.raw) ?? request.text().then(parseJson);
  bodies.set(request.raw, read);
  return read;
}
