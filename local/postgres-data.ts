import { execFile } from 'node:child_process';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { KeelsonError } from '../core/errors.ts';
import { commandLine, isAlive } from './pid.ts';
import { pollUntil } from './poll.ts';
import type { PostgresPrograms } from './postgres-programs.ts';
import type { UnprivilegedUser } from './unprivileged-user.ts';
