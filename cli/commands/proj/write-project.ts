import type { AppProject } from '../../../core/project/project.ts';
import type { ProjectPreview } from '../../../core/wire/project.ts';
import type { CliContext } from '../../command.ts';
import { formatPreview } from '../../render/render-preview.ts';
import type { ApiClient } from '../../server/client.ts';
import { failureStatus } from '../../terminal/output.ts';

/** The flag of all commands that write. */
export const dryRun = {
  flag: '--dry-run',
  description: 'write nothing, and list the applications and live objects that would fall out',
} as const;

/** Writes a project back, or shows what that would come to; answers whether it was written. */
export async function writeBack(
  context: CliContext,
  client: ApiClient,
  project: AppProject,
  choice: { readonly dryRun: boolean },
): Promise<boolean> {
  if (choice.dryRun) {
    showPreview(context, await client.projects.previewUpdate(project));
    return false;
  }
  await client.projects.update(project);
  return true;
}

/** Shows a preview; one of a change that would be refused ends the command as the refusal would. */
export function showPreview(context: CliContext, preview: ProjectPreview): void {
  context.print(formatPreview(preview));
  if (preview.refusal === undefined) return;
  context.note(`keelson: it would be refused: ${preview.refusal}`);
  context.exitWith(failureStatus);
}
