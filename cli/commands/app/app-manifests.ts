import type { Command } from 'commander';
import { parseJson } from '../../../core/object/json/json.ts';
import type { CliContext } from '../../command.ts';
import { addLocalFlags, type LocalFlags, packLocal } from '../../files/local-files.ts';
import { parseWord } from '../../flags/flag-value.ts';
import { addRevisionFlags, type RevisionFlags, revisionChoice } from '../../flags/revision-flags.ts';
import type { ApiClient } from '../../server/client.ts';
import { formatYaml } from '../../terminal/output.ts';

type Flags = RevisionFlags & LocalFlags & { readonly source: string };

/** Adds `keelson app manifests`. */
export function addAppManifests(app: Command, context: CliContext): void {
  const manifests = app
    .command('manifests')
    .description('print the manifests of an application; values of Secrets are hidden')
    .argument('<name>', 'application')
    .option('--source <side>', 'git: what the sources render to; live: what is in the cluster', 'git');
  addRevisionFlags(manifests);
  addLocalFlags(manifests);
  manifests.action(async (name: string, flags: Flags, command: Command) => {
    const side = parseWord(flags.source, ['git', 'live'], '--source');
    const texts = await context.withClient(command, async (client) => {
      if (side === 'live') return liveManifests(client, name);
      if (flags.local === undefined) return client.applications.manifests(name, revisionChoice(flags));
      return client.applications.manifestsOfFiles(name, await packLocal(client, name, flags.local, flags));
    });
    for (const text of texts) context.print(`---\n${formatYaml(parseJson(text))}`);
  });
}

async function liveManifests(client: ApiClient, name: string): Promise<string[]> {
  const objects = await client.applications.managedResources(name);
  return objects.flatMap(({ liveState }) => (liveState && liveState !== 'null' ? [liveState] : []));
}
