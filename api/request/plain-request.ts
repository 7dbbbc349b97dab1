import type { HonoRequest, MiddlewareHandler } from 'hono';
import { KeelsonError } from '../../core/errors.ts';
import { lengthFault } from '../../core/text/field-limits.ts';
import { isStorable, unstorable, unstorablePart } from '../../core/text/storable-text.ts';
import type { ApiEnv } from '../context.ts';
import { bodyOf } from './exact-json.ts';
import { decodeTwice } from './path-id.ts';

/** Most characters of one part of a path: it may be the address of a repository. */
const longestPart = 2048;

/** Refuses, by the name of the field, texts that nothing can store and fields that are longer than they can be. */
export const plainRequest: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const url = new URL(c.req.url);
  for (const part of url.pathname.split('/').map((one) => decodeTwice(decodeTwice(one)))) {
    if (!isStorable(part)) throw refused('path of the request', unstorable);
    if (part.length > longestPart) {
      throw refused('path of the request', `has a part of more than ${longestPart} characters; shorten it`);
    }
  }
  for (const [name, value] of url.searchParams) checkField(name, value);
  if (c.req.method !== 'GET' && c.req.method !== 'HEAD') checkBody(await readBody(c.req));
  return next();
};

/** A body that is no JSON is refused by the route, or not looked at. */
async function readBody(request: HonoRequest): Promise<unknown> {
  try {
    return await bodyOf(request);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

/** Refuses a JSON body with a text that can't be stored, a field that is too long or too many levels. */
export function checkBody(body: unknown): void {
  const part = unstorablePart(body);
  if (part !== undefined) throw refused(part.path || 'body', part.fault);
  if (typeof body !== 'object' || body === null) return;
  for (const [name, value] of Object.entries(body)) {
    for (const text of [value].flat()) if (typeof text === 'string') checkField(name, text);
  }
}

function checkField(name: string, value: string): void {
  const fault = isStorable(value) ? lengthFault(name, value) : unstorable;
  if (fault !== undefined) throw refused(isStorable(name) ? name : 'name of a parameter', fault);
}

function refused(name: string, fault: string): KeelsonError {
  return new KeelsonError('invalid-argument', `request is not valid: ${name} ${fault}`);
}
