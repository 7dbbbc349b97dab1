import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { KeelsonError } from '../../core/errors.ts';
import { type FileLock, tryLock } from './file-lock.ts';

/** Makes a state directory this program's alone until the lock is released; says who has it otherwise. */
export function ownStateDirectory(stateDir: string): FileLock {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const lock = tryLock(join(stateDir, 'platform.lock'));
  if ('release' in lock) return lock;
  throw new KeelsonError(
    'conflict',
    `state directory ${stateDir} is in use by pid ${lock.ownerPid}; stop that or choose another with --state-dir`,
  );
}
