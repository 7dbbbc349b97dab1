import { z } from 'zod';
import { KeelsonError } from '../../core/errors.ts';
import { isFields } from '../../core/object/manifest/check-manifest.ts';
import { ownField } from '../../core/own-field.ts';
import { readUpToEnd } from '../../core/yaml/read.ts';
import { UnreadableError } from '../../core/yaml/unreadable.ts';

/** Text that somebody may have written without quotes. */
const Text = z.union([z.string(), z.number(), z.bigint(), z.boolean()]).transform(String);

const ChartVersion = z.object({
  version: Text,
  urls: z.array(z.string()).nullish(),
  description: Text.nullish(),
  appVersion: Text.nullish(),
});
/** One version of a chart as a repository's index lists it. */
export type ChartVersion = z.infer<typeof ChartVersion>;

/** A repository's index that answers for one chart at a time. */
export type ChartIndex = {
  readonly names: readonly string[];
  /** Undefined for a chart that is not in the index. */
  versionsOf(chart: string): readonly ChartVersion[] | undefined;
};

/**
 * Reads an index.yaml. One of 20 MB takes seconds to parse, so it is cut at its charts, which stand at the same depth
 * below `entries`, and only the asked one is parsed.
 */
export function readIndex(text: string): ChartIndex {
  const blocks = cutBlocks(text);
  if (blocks !== undefined) {
    return {
      names: [...blocks.keys()],
      versionsOf: (chart) => {
        const block = blocks.get(chart);
        return block === undefined ? undefined : versionsIn(parsed(block));
      },
    };
  }
  const whole = parsed(text);
  const entries = isFields(whole) && isFields(whole['entries']) ? whole['entries'] : undefined;
  if (entries === undefined && !(isFields(whole) && whole['apiVersion'] !== undefined)) throw noIndex();
  return {
    names: Object.keys(entries ?? {}),
    versionsOf: (chart) =>
      entries !== undefined && Object.hasOwn(entries, chart)
        ? versionsIn(ownField(entries, chart))
        : undefined,
  };
}

const entriesLine = /^entries:[ \t]*\r?$/m;
const keyLine = /^( +)(?:"([^"\\]+)"|'([^']+)'|([^\s"'#:[\]{},&*!|>%@`-][^\s:#]*))[ \t]*:[ \t]*(?:\[\])?\r?$/;

type Line = { readonly start: number; readonly end: number; readonly indent: number };

/** The text of each chart's list by name; undefined when the text isn't laid out like that. */
function cutBlocks(text: string): Map<string, string> | undefined {
  const found = entriesLine.exec(text);
  if (found === null) return undefined;
  const blocks = new Map<string, string>();
  let depth: string | undefined;
  let current: { name: string; start: number } | undefined;
  const close = (end: number): void => {
    if (current !== undefined) blocks.set(current.name, text.slice(current.start, end));
    current = undefined;
  };
  for (const line of outerLines(text, found.index + found[0].length + 1, () => depth?.length)) {
    close(line.start);
    if (line.indent === 0) return blocks;
    const key = keyLine.exec(text.slice(line.start, line.end));
    depth ??= key?.[1];
    if (key === null || key[1] !== depth) return undefined;
    current = { name: key[2] ?? key[3] ?? key[4] ?? '', start: line.end + 1 };
  }
  close(text.length);
  return blocks;
}

/** Lines that are not part of a chart's list: at the depth of the charts' names, once known, or above. */
function* outerLines(text: string, from: number, depth: () => number | undefined): Generator<Line> {
  for (let start = from; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const indent = indentAt(text, start, end);
    const known = depth();
    const isInner = known !== undefined && (indent > known || isListMark(text, start, indent, known));
    if (!isInner && !isBlank(text, start + indent, end)) yield { start, end, indent };
    start = end + 1;
  }
}

function indentAt(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && text[at] === ' ') at += 1;
  return at - start;
}

function isBlank(text: string, at: number, end: number): boolean {
  return at >= end || text[at] === '#' || text[at] === '\r';
}

/** Helm's own writer puts the elements of a list at the depth of the list's key. */
function isListMark(text: string, start: number, indent: number, depth: number): boolean {
  return indent === depth && text[start + indent] === '-' && /\s/.test(text[start + indent + 1] ?? '\n');
}

function versionsIn(list: unknown): ChartVersion[] {
  if (!Array.isArray(list)) return [];
  const versions: ChartVersion[] = [];
  for (const one of list) {
    const read = ChartVersion.safeParse(one);
    // An entry that no client could use is passed over, as Helm does.
    if (read.success) versions.push(read.data);
  }
  return versions;
}

function parsed(text: string): unknown {
  try {
    // What stands behind the end is no version for Helm either.
    return readUpToEnd(text, 'index').value;
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    throw noIndex();
  }
}

function noIndex(): KeelsonError {
  return new KeelsonError(
    'source-unreachable',
    'index.yaml is no index of a Helm repository; write it with helm repo index',
  );
}
