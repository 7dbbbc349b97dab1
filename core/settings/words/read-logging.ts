import { ownField } from '../../own-field.ts';
import type { Report } from './problem.ts';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
const logFormats = ['json', 'text'] as const;

/** What a role's log is set to; what is undefined is left to its own configuration. */
export type Logging = {
  readonly level?: (typeof logLevels)[number];
  readonly format?: (typeof logFormats)[number];
};

/** Which of the reference's programs each role stands for: a worker renders, a session compares. */
const programs = { server: 'server', worker: 'reposerver', session: 'controller' } as const;
export type LoggingRole = keyof typeof programs;

/** Levels that others have, by the nearest of ours. */
const levelWords: Readonly<Record<string, Logging['level']>> = {
  ...Object.fromEntries(logLevels.map((level) => [level, level])),
  trace: 'debug',
  warning: 'warn',
  fatal: 'error',
  panic: 'error',
};

/** Keys of `argocd-cmd-params-cm` about logs. */
export const loggingKeys: readonly string[] = Object.values(programs).flatMap((program) => [
  `${program}.log.level`,
  `${program}.log.format`,
]);

/** Reads what the logs are set to; what can't be read is left to the roles, with a report. */
export function readLogging(
  params: Readonly<Record<string, string>>,
  report: (key: string) => Report,
): Readonly<Record<LoggingRole, Logging>> {
  const of = (program: string): Logging => {
    const [levelKey, formatKey] = [`${program}.log.level`, `${program}.log.format`];
    const [levelText, formatText] = [levelKey, formatKey].map((key) => (ownField(params, key) ?? '').trim());
    const level = ownField(levelWords, (levelText ?? '').toLowerCase());
    const format = logFormats.find((one) => one === formatText);
    if (levelText !== '' && level === undefined)
      report(levelKey)(`must be one of ${logLevels.join(', ')}; change it`);
    if (formatText !== '' && format === undefined) report(formatKey)('must be json or text; change it');
    return { ...(level === undefined ? {} : { level }), ...(format === undefined ? {} : { format }) };
  };
  return { server: of(programs.server), worker: of(programs.worker), session: of(programs.session) };
}
