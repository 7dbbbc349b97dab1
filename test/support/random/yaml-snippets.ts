import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parseJson } from '../../../core/object/json/json.ts';

const Snippet = z.strictObject({
  text: z.string(),
  /** Words in the text that stand for another text so many times. */
  fill: z.record(z.string(), z.tuple([z.string(), z.number()])).optional(),
  /** Whether the final reader refuses it. */
  refused: z.boolean().optional(),
  /** What this reader does with it, where that is something else; by chance the final reader does so too. */
  here: z.enum(['refused', 'read', 'by chance']).optional(),
  why: z.string().optional(),
  /** What kubectl makes of it as a part of an object, beside what makes it one. */
  value: z.unknown().optional(),
});
/** A text in YAML or JSON that somebody may write, with what is known of it. */
export type YamlSnippet = z.infer<typeof Snippet>;

/** The snippets in a file of test/conformance/yaml, one on each line. */
export function yamlSnippets(name: 'documents' | 'streams'): YamlSnippet[] {
  const path = join(import.meta.dirname, '../../conformance/yaml', `${name}.jsonl`);
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => filled(Snippet.parse(parseJson(line))));
}

function filled(snippet: YamlSnippet): YamlSnippet {
  let { text } = snippet;
  for (const [word, [part, times]] of Object.entries(snippet.fill ?? {})) {
    text = text.replace(word, part.repeat(times));
  }
  return { ...snippet, text };
}

/** What two readers made of a text: its value as text, or nothing when it was refused. */
export type Readings = { readonly there: string | undefined; readonly here: string | undefined };

/** How a reading differs from the final reader's; undefined when it doesn't. */
export function differenceOf({ there, here }: Readings): 'refused' | 'read' | 'another value' | undefined {
  if (there === here) return undefined;
  if (here === undefined) return 'refused';
  return there === undefined ? 'read' : 'another value';
}
