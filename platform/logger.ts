import { pino } from 'pino';

export type Logger = {
  debug(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
};

/** JSON lines on standard error: static messages, everything variable in fields. Credential-like fields are cut. */
export function createLogger(options: { name: string; level: string }): Logger {
  return pino(
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
    pino.destination({ fd: 2, sync: false }),
  );
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
