import { beforeAll, describe, expect, it } from 'vitest';
import { keelson } from '../../support/keelson/run-cli.ts';
import { documents, read } from './documents.ts';

type Offered = { readonly subcommands: readonly string[]; readonly flags: ReadonlySet<string> };

/** What each command offers, by its words; the empty text is the program itself. */
const offered = new Map<string, Offered>();

/** What is run by scripts of its own and is no part of the parser's tree. */
const standalone = new Set(['plugin-server']);

async function look(words: readonly string[]): Promise<void> {
  const { stdout } = await keelson([...words, '--help']);
  const part = (title: string): string => stdout.split(`\n${title}:\n`)[1]?.split('\n\n')[0] ?? '';
  const subcommands = [...part('Commands').matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name]) => name ?? '');
  const flags = [...stdout.matchAll(/--[a-z][a-z-]*|(?<= )-[a-zA-Z]\b/g)].map(([flag]) => flag);
  offered.set(words.join(' '), { subcommands, flags: new Set(flags) });
  for (const name of subcommands) if (name !== 'help') await look([...words, name]);
}

type Written = { readonly at: string; readonly line: string };

/** Command lines of a document: in blocks of code, and in spans that begin with the command. */
function commandsIn(document: string): Written[] {
  const text = read(document);
  const blocks = [...text.matchAll(/```[a-z]*\n([\s\S]*?)```/g)].map(([, block = '']) => block);
  const lines = blocks.flatMap((block) => block.replaceAll(/\\\n\s*/g, ' ').split('\n'));
  const spans = [...text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/`((?:npx )?keelson [^`]+)`/g)];
  return [...lines, ...spans.map(([, span = '']) => span.replaceAll(/\s+/g, ' '))].flatMap((line) =>
    line
      .replace(/ #.*$/, '')
      .split(/[;|]/)
      .flatMap((part) => /(?:^|\s)keelson (\S.*)$/.exec(part)?.[1] ?? [])
      .map((found) => ({ at: document, line: found.trim() })),
  );
}

/** What is wrong with a command line as it is written; undefined when nothing is. */
function faultOf({ at, line }: Written): string | undefined {
  const words = line.split(/\s+/);
  const path: string[] = [];
  while (offered.get(path.join(' '))?.subcommands.includes(words[path.length] ?? '') === true) {
    path.push(words[path.length] ?? '');
  }
  if (standalone.has(words[0] ?? '')) return undefined;
  const command = offered.get(path.join(' '));
  const next = words[path.length] ?? '';
  const isGroup = (command?.subcommands.length ?? 0) > 0;
  if (isGroup && /^[a-z]/.test(next))
    return `${at}: keelson ${line}: there is no ${[...path, next].join(' ')}`;
  const flags = words.filter((word) => /^--?[a-zA-Z]/.test(word)).map((word) => word.replace(/[=,.].*$/, ''));
  const known = new Set([...(command?.flags ?? []), ...(offered.get('')?.flags ?? [])]);
  const unknown = flags.find((flag) => !known.has(flag));
  return unknown === undefined ? undefined : `${at}: keelson ${line}: there is no ${unknown}`;
}

describe('commands in documents', () => {
  beforeAll(() => look([]));

  it('are commands that there are, with flags that they take', () => {
    expect(offered.size).toBeGreaterThan(50);
    const written = documents.flatMap(commandsIn);
    expect(written.length).toBeGreaterThan(40);
    expect(written.flatMap((one) => faultOf(one) ?? [])).toEqual([]);
  });
});
