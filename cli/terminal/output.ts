import { CommanderError } from 'commander';
import { stringify } from 'yaml';
import { type ErrorCode, KeelsonError } from '../../core/errors.ts';
import { formatJson } from '../../core/object/json/json.ts';
import { ApiError } from '../server/api-error.ts';
import { plainText } from './text.ts';

/** Exit status of a command whose request failed, and of a wait that ran out of time. */
export const failureStatus = 20;
/** Exit status of wrong usage, of a sync that ended badly, and of a diff with differences. */
export const unsuccessfulStatus = 1;
/** Exit status after Ctrl-C, as shells count it. */
export const interruptedStatus = 130;

const statusByCode: Record<ErrorCode, number> = {
  'apply-conflict': failureStatus,
  'cluster-unreachable': failureStatus,
  conflict: failureStatus,
  fenced: failureStatus,
  forbidden: failureStatus,
  'hook-failed': failureStatus,
  'immutable-field': failureStatus,
  internal: failureStatus,
  'invalid-argument': unsuccessfulStatus,
  'kind-unknown': failureStatus,
  'manifest-invalid': failureStatus,
  'not-found': failureStatus,
  'object-invalid': failureStatus,
  'precondition-failed': failureStatus,
  'render-failed': failureStatus,
  'revision-not-found': failureStatus,
  'source-unreachable': failureStatus,
  timeout: failureStatus,
  'tool-missing': failureStatus,
  unauthenticated: failureStatus,
  unavailable: failureStatus,
};

/** The exit status that tells a script what kind of failure ended the command. */
export function exitStatusOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode;
  if (error instanceof ApiError) return failureStatus;
  if (error instanceof KeelsonError) return statusByCode[error.code];
  return failureStatus;
}

/** The one line for standard error about a failure. */
export function formatFailure(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `keelson: ${plainText(message)}\n`;
}

/** JSON as scripts expect it: two blanks of indentation. */
function formatIndented(value: unknown): string {
  return `${formatJson(value, 2)}\n`;
}

/** YAML without folded lines, so that it can be compared line by line. */
export function formatYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** A value in a format for programs, or undefined when the format is one for people. */
export function formatStructured(value: unknown, format: string): string | undefined {
  if (format === 'json') return formatIndented(value);
  if (format === 'yaml') return formatYaml(value);
  return undefined;
}
