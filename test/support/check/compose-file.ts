import { parse } from 'yaml';
import { z } from 'zod';

const Scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** One service as written, its variables not replaced yet. */
const Service = z.looseObject({
  /** Absent where another file has it. */
  image: z.string().optional(),
  build: z.string().optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), Scalar).default({}),
  volumes: z.array(z.string()).default([]),
  secrets: z.array(z.string()).default([]),
});
const ComposeFile = z.looseObject({ services: z.record(z.string(), Service) });
type ComposeFile = z.infer<typeof ComposeFile>;

/** Reads a compose file, merge keys included. */
export function parseCompose(text: string): ComposeFile {
  return ComposeFile.parse(parse(text, { merge: true }));
}

const variable = /\$\{(\w+)(?::([-?])([^}]*))?\}/g;

/** Replaces `${NAME}`, `${NAME:-default}` and `${NAME:?why}` as `docker compose` does; throws where that refuses. */
export function interpolate(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(variable, (_, name: string, kind: string | undefined, rest: string | undefined) => {
    const value = values[name] ?? '';
    if (value !== '' || kind === undefined) return value;
    if (kind === '-') return rest ?? '';
    throw new Error(`required variable ${name} is missing a value: ${rest}`);
  });
}

/** Names of all variables that a compose file takes from its surroundings. */
export function variablesOf(text: string): string[] {
  return [...new Set([...text.matchAll(variable)].map(([, name]) => name ?? ''))].sort();
}

/** What the last stage of a Dockerfile says about running it. */
export type ImageFacts = {
  readonly environment: Readonly<Record<string, string>>;
  readonly workdir: string;
  readonly user: string;
};

/** Reads ENV, WORKDIR and USER of the last stage; understands the forms that our own Dockerfile uses. */
export function imageFacts(dockerfile: string): ImageFacts {
  const instructions = dockerfile
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n');
  const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')));
  const argumentOf = (word: string): string =>
    last.findLast((line) => line.startsWith(`${word} `))?.slice(word.length + 1) ?? '';
  const environment = last
    .filter((line) => line.startsWith('ENV '))
    .flatMap((line) => [...line.slice(4).matchAll(/(\w+)=(\S*)/g)])
    .map(([, name = '', value = '']): [string, string] => [name, value]);
  return {
    environment: Object.fromEntries(environment),
    workdir: argumentOf('WORKDIR'),
    user: argumentOf('USER'),
  };
}
