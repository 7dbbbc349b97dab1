import type { Reporter } from '../../local/reporter.ts';
import { createSandbox, type Sandbox } from '../../platform/sandbox/sandbox.ts';

/**
 * The isolation of renders in local mode, unless the caller sets one: a machine for development renders without a
 * sandbox where it has none, as macOS, and says so.
 */
export async function localIsolation(
  reporter: Reporter,
  sandbox: Pick<Sandbox, 'unavailable'> = createSandbox({ isolation: 'preferred' }),
): Promise<'preferred'> {
  const reason = await sandbox.unavailable();
  if (reason !== undefined && process.env['KEELSON_RENDER_ISOLATION'] === undefined) {
    reporter.say(
      `warning: renders run without a sandbox (${reason}): a chart of somebody else could read your files; see docs/operate/isolation.md`,
    );
  }
  return 'preferred';
}
