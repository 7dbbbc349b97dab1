import { join } from 'node:path';

/** Where Helm keeps what it remembers: in a render's own folder, so that nothing of this machine counts. */
export function helmHomes(scratch: string): Record<string, string> {
  return {
    HELM_CACHE_HOME: join(scratch, 'helm', 'cache'),
    HELM_CONFIG_HOME: join(scratch, 'helm', 'config'),
    HELM_DATA_HOME: join(scratch, 'helm', 'data'),
    HELM_PLUGINS: join(scratch, 'helm', 'plugins'),
  };
}
