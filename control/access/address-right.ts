import { scopedObject } from '../../core/rbac/request.ts';
import { type Actor, requireHidden } from '../context.ts';

/** What is registered under an address: rights speak of the spelling that it was registered with. */
type Registered = { readonly url: string };

/**
 * Asks for a right to an address, and to what is registered under it where that is spelt in another way: a pattern that
 * fits the one must not open the other. A refusal names the address as its caller wrote it.
 */
export function requireAddress(
  actor: Actor,
  action: string,
  { url, project }: { readonly url: string; readonly project: string },
  registered: Registered | undefined,
): void {
  actor.require({ resource: 'repositories', action, object: scopedObject(url, project) });
  if (registered === undefined || registered.url === url) return;
  const object = scopedObject(registered.url, project);
  requireHidden(actor, { resource: 'repositories', action, object });
}
