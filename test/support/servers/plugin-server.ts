import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pollUntil } from '../../../local/poll.ts';

const program = join(import.meta.dirname, '../../../bin/keelson.ts');
const startSeconds = 20;

/** A plugin file of shell scripts. */
export function pluginFile(name: string, spec: Record<string, unknown>, annotations = {}): string {
  return JSON.stringify({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ConfigManagementPlugin',
    metadata: { name, annotations },
    spec,
  });
}

/** A program of a plugin file: a script of the shell. */
export const shell = (script: string) => ({ command: ['sh', '-c'], args: [script] });

/** A plugin's program that prints one ConfigMap. */
export const print = shell('echo "{apiVersion: v1, kind: ConfigMap, metadata: {name: printed}}"');

/** Programs of the other tools, for renders that must do without them. */
export const noTools = { helm: '/none', kustomize: '/none', jsonnet: '/none' };

/** Starts real plugin servers that share a folder of sockets, and stops them. */
export function pluginServers(folder: string) {
  const children: ChildProcess[] = [];
  const socketDir = join(folder, 's');
  const launch = async (
    address: string,
    file: string,
    flags: readonly string[],
    env: Readonly<Record<string, string>>,
  ) => {
    const config = join(folder, address);
    await mkdir(config, { recursive: true });
    await writeFile(join(config, 'plugin.yaml'), file);
    const args = [program, 'plugin-server', '--config-dir', config, '--socket-dir', socketDir, ...flags];
    const child = spawn(process.execPath, args, {
      env: { PATH: process.env['PATH'], TMPDIR: join(folder, 'tmp'), ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    children.push(child);
    return { child, said: child.stderr.toArray().then((chunks) => Buffer.concat(chunks).toString()) };
  };
  return {
    socketDir,
    /** Resolves when the server listens. */
    async start(
      address: string,
      file: string,
      flags: readonly string[] = [],
      env: Readonly<Record<string, string>> = {},
    ): Promise<ChildProcess> {
      const { child } = await launch(address, file, flags, env);
      await pollUntil(`plugin server ${address} listens`, startSeconds, () =>
        existsSync(join(socketDir, `${address}.sock`)),
      );
      return child;
    },
    /** What a server says that has to end by itself. */
    async refused(address: string, file: string): Promise<string> {
      return await (await launch(address, file, [], {})).said;
    },
    async stop(): Promise<void> {
      await Promise.all(
        children.map(async (child) => {
          if (child.exitCode !== null || child.signalCode !== null) return;
          child.kill('SIGTERM');
          await once(child, 'exit');
        }),
      );
    },
  };
}
