import type { MiddlewareHandler } from 'hono';
import { describeError } from '../../core/errors.ts';
import { storableText } from '../../core/text/storable-text.ts';
import { recordAudit } from '../../db/queries/installation/audit.ts';
import type { ApiContext, ApiEnv } from '../context.ts';
import { addressOf } from '../request/caller.ts';

const reading: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Records in the audit that somebody who is logged in was refused a change. Strangers are not recorded, or they could
 * fill it; their failed logins are, within limits.
 */
export const recordDenials: MiddlewareHandler<ApiEnv> = async (c, next) => {
  await next();
  const { deps, subject } = c.var;
  if (c.res.status !== 403 || reading.has(c.req.method) || subject === undefined) return;
  try {
    await recordAudit(deps.db, {
      actor: subject.username,
      address: addressOf(c),
      ...refusedOf(c),
      decision: 'denied',
      reason: c.error === undefined ? '' : storableText(c.error.message),
      details: { method: c.req.method, path: storableText(c.req.path) },
    });
  } catch (error) {
    // The change is refused all the same, and whoever asked learns no more than that.
    deps.log.error({ subject: subject.username, error: describeError(error) }, 'denial was not recorded');
  }
};

/** What was refused: a right to an object, or the request as it came where it isn't told what is missing. */
function refusedOf(c: ApiContext): { readonly action: string; readonly object: string } {
  const { denied } = c.var;
  if (denied === undefined) return { action: 'request', object: storableText(c.req.path) };
  return { action: `${denied.resource}.${denied.action}`, object: denied.object };
}
