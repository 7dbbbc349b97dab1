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
      serializers: { error: pino.stdSerializers.err },
    },
    pino.destination({ fd: 2, sync: false }),
  );
}
