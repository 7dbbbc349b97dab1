import { relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { sourcesOf } from '../../core/application/source/source.ts';
import { KeelsonError } from '../../core/errors.ts';
import { withoutTrailing } from '../../core/text/trim.ts';
import { addSwitch } from '../command.ts';
import { collectList } from '../flags/flag-value.ts';
import type { ApiClient } from '../server/client.ts';
import { packFolder } from './pack-folder.ts';

/** Flags that name files on this machine instead of the application's source. */
export type LocalFlags = {
  readonly local?: string;
  readonly localRepoRoot?: string;
  readonly localInclude?: readonly string[];
  readonly serverSideGenerate?: boolean;
};

/** Adds the flags by which local files are used; a worker renders them. */
export function addLocalFlags(command: Command): void {
  command
    .option('--local <folder>', 'files of this folder instead of those of the source')
    .option(
      '--local-repo-root <folder>',
      'root of the repository that the folder is in, if files of it are needed',
    )
    .option('--local-include <globs>', 'only files with such names; may be repeated', collectList);
  addSwitch(command, '--server-side-generate', 'the folder is the root of the repository');
}

/** The files that the flags name as an archive, with the folder of the application where its source has it. */
export async function packLocal(
  client: ApiClient,
  name: string,
  local: string,
  flags: LocalFlags,
): Promise<Buffer> {
  const { spec } = await client.applications.get(name);
  const [source, ...more] = sourcesOf(spec);
  if (source?.path === undefined || more.length > 0) {
    throw new KeelsonError(
      'invalid-argument',
      `application ${name} has not one source with a path; --local can take the place of such a one only`,
    );
  }
  const include = flags.localInclude ?? [];
  const path = withoutTrailing(source.path.replace(/^\.?\/+/, ''), '/').replace(/^\.$/, '');
  if (flags.serverSideGenerate === true) return packFolder(local, { below: '', include });
  if (flags.localRepoRoot === undefined) return packFolder(local, { below: path, include });
  const inside = relative(resolve(flags.localRepoRoot), resolve(local)).split(sep).join('/');
  if (inside !== path) {
    throw new KeelsonError(
      'invalid-argument',
      `--local ${local} is not the folder ${path || '.'} of --local-repo-root ${flags.localRepoRoot}, where application ${name} has its path`,
    );
  }
  return packFolder(flags.localRepoRoot, { below: '', include });
}
