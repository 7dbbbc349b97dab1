import type { Command } from 'commander';
import { KeelsonError } from '../../../core/errors.ts';
import type { CliContext } from '../../command.ts';

/** Adds `keelson admin rotate-key`, which works on the database that the roles use, not on a server. */
export function addAdminKeys(admin: Command, context: CliContext): void {
  admin
    .command('rotate-key')
    .description(
      'seal everything in the database with the first key of KEELSON_ENCRYPTION_KEY, in the environment of a role',
    )
    .action(async () => {
      const { rotateKey } = context;
      if (rotateKey === undefined) {
        throw new KeelsonError(
          'precondition-failed',
          'keys are rotated where the roles are installed; run keelson of the image there',
        );
      }
      await rotateKey((text) => context.print(text));
    });
}
