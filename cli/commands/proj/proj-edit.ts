import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { KeelsonError } from '../../../core/errors.ts';
import { isFields } from '../../../core/object/manifest/check-manifest.ts';
import type { AppProject } from '../../../core/project/project.ts';
import { readUpToEnd } from '../../../core/yaml/read.ts';
import { UnreadableError } from '../../../core/yaml/unreadable.ts';
import type { CliContext } from '../../command.ts';
import { readNamedFile } from '../../files/read-path.ts';
import { ApiError } from '../../server/api-error.ts';
import type { ApiClient } from '../../server/client.ts';
import { runEditor } from '../../terminal/editor.ts';
import { formatYaml } from '../../terminal/output.ts';
import { dryRun, writeBack } from './write-project.ts';

/** Adds `edit`. */
export function addProjectEdit(proj: Command, context: CliContext): void {
  proj
    .command('edit')
    .description('edit the spec of a project in the editor of KUBE_EDITOR or EDITOR')
    .argument('<PROJECT>')
    .option(dryRun.flag, dryRun.description)
    .action(async (name: string, flags: { dryRun?: boolean }, command: Command) => {
      await context.withClient(command, (client) =>
        editUntilWritten(context, client, name, { dryRun: flags.dryRun === true }),
      );
    });
}

/** What the editor shows again stands below why it was not written, in comments. */
async function editUntilWritten(
  context: CliContext,
  client: ApiClient,
  name: string,
  choice: { readonly dryRun: boolean },
): Promise<void> {
  let found = await client.projects.get(name);
  const folder = await mkdtemp(join(tmpdir(), 'keelson-edit-'));
  const file = join(folder, `${name}-edit.yaml`);
  let shown = formatYaml(found.spec);
  try {
    for (;;) {
      await writeFile(file, shown, { mode: 0o600 });
      await runEditor(context, file);
      const edited = await readNamedFile(file);
      if (edited.trim() === '' || edited === shown) {
        throw new KeelsonError('precondition-failed', 'edit cancelled, no valid changes were saved');
      }
      const fault = await tryWriting(context, client, found, edited, choice);
      if (fault === undefined) return;
      // Whoever goes on after somebody else has written it has been told so.
      found = await client.projects.get(name);
      context.note(`keelson: ${fault}`);
      shown = `${asComment(fault)}${withoutComments(edited)}`;
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Writes what was edited, in the place of what was shown; answers why not. */
async function tryWriting(
  context: CliContext,
  client: ApiClient,
  found: AppProject,
  text: string,
  choice: { readonly dryRun: boolean },
): Promise<string | undefined> {
  try {
    const spec = readUpToEnd(text, 'manifests').value;
    if (!isFields(spec)) return 'spec is no object; write its fields';
    await writeBack(context, client, { ...found, spec }, choice);
    return undefined;
  } catch (error) {
    // Both can be mended in the editor.
    if (error instanceof UnreadableError) return `line ${error.line}: ${error.message}`;
    if (error instanceof ApiError && (error.code === 'invalid-argument' || error.code === 'conflict')) {
      return error.message;
    }
    throw error;
  }
}

function asComment(text: string): string {
  return text
    .split('\n')
    .map((line) => `# ${line}\n`)
    .join('');
}

function withoutComments(text: string): string {
  return text.replace(/^#.*\n?/gm, '');
}
