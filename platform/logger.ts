import { type DestinationStream, pino } from 'pino';
import { parseJson } from '../core/object/json/json.ts';
import { textLine } from './text-line.ts';

export type Logger = {
  debug(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
};

export type LogFormat = 'json' | 'text';

/** What a log is set to, which may change while the process runs. */
export type LogSetting = { readonly level: string; readonly format?: LogFormat };

/** A log whose level and form can be set anew. */
export type AdjustableLogger = Logger & { adjust(setting: LogSetting): void };

/** Lines on standard error: static messages, everything variable in fields. Credential-like fields are cut. */
export function createLogger(options: { name: string } & LogSetting): AdjustableLogger {
  let { format = 'json' } = options;
  const standardError = pino.destination({ fd: 2, sync: false });
  const destination: DestinationStream = {
    write: (line) => standardError.write(format === 'json' ? line : textLine(parseJson(line))),
  };
  const log = pino(
    {
      name: options.name,
      level: options.level,
      redact: {
        paths: [
          'password',
          'token',
          'authorization',
          'credentials',
          '*.password',
          '*.token',
          '*.credentials',
        ],
        censor: '[hidden]',
      },
      serializers: { error: loggedError },
    },
    destination,
  );
  return Object.assign(log, {
    adjust(setting: LogSetting) {
      log.level = setting.level;
      format = setting.format ?? 'json';
    },
  });
}

/** Causes further down say nothing new. */
const mostCauses = 5;

/**
 * An error as a log line shows it: these fields and no other, since libraries hang what they were given on their errors,
 * such as requests with their credentials and statements with their parameters.
 */
export function loggedError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  const fields: Record<string, unknown> = {
    type: error.constructor.name,
    message: error.message,
    stack: error.stack,
  };
  for (const name of ['code', 'constraint', 'table', 'syscall', 'retryable'] as const) {
    const value: unknown = Reflect.get(error, name);
    if (value !== undefined && typeof value !== 'object') fields[name] = value;
  }
  if (error.cause !== undefined && depth < mostCauses) fields['cause'] = loggedError(error.cause, depth + 1);
  return fields;
}
