import type { ApiDeps } from '../context.ts';

/** Where browsers reach this installation: what the settings say, else the server's own configuration; more may follow. */
export function ownUrls({
  config,
  settings,
}: Pick<ApiDeps, 'settings'> & { readonly config: Pick<ApiDeps['config'], 'url'> }): readonly [
  string,
  ...string[],
] {
  const { url = config.url, additionalUrls } = settings.current();
  return [url, ...additionalUrls];
}
