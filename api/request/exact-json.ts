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
  let body: Promise<unknown> | undefined;
  // Read once however many ask; fails with the parser's error where it is no JSON.
  Object.assign(c.req, { json: () => (body ??= c.req.text().then(parseJson)) });
  await next();
};

/** The JSON body of a request with every digit of its numbers; fails with the parser's error where it is none. */
export function bodyOf(request: HonoRequest): Promise<unknown> {
  return request.json();
}
