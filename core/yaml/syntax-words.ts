import type { YAMLException } from 'js-yaml';

/** How the parser begins to speak of a line with %. */
const directiveReasons: readonly string[] = [
  ...['directive', 'duplication of %YAML', 'ill-formed', 'TAG directive', 'tag prefix'],
  ...['there is a previously', 'unacceptable YAML', 'YAML directive'],
];

/** The parser's own messages quote the text, which may be a Secret's; these words don't. By the start of its reason. */
const words: readonly (readonly [string, string])[] = [
  ['a line break is expected', 'text stands behind the | or > of a block; move it to the next line'],
  ['a whitespace character', 'a space is missing after the colon; add it'],
  ['alias node', 'an alias cannot have an anchor or tag of its own; remove it'],
  ['bad explicit indentation', 'the indentation of a block cannot be 0; use a larger number'],
  ['bad indentation', 'the indentation does not fit the lines above; align it with spaces'],
  ['can not read a block mapping', 'a key runs over several lines; a ":" or a quote is probably missing'],
  ['can not read an implicit', 'a key has no colon after it; add it, or align the line'],
  ['cannot resolve a node', 'a tag cannot be resolved; remove it'],
  ...directiveReasons.map((start) => [start, 'a directive (%...) is not valid; remove it'] as const),
  ['duplication of', 'a value has two tags or anchors; remove one'],
  ['end of the stream', 'text follows the end of the document; separate documents by ---'],
  ['expected hexadecimal', 'an escape in double quotes is cut off; complete it'],
  ['expected the node content', 'a comma stands where a value is expected; remove it'],
  ['expected valid JSON', 'a control character stands in a quoted text; write it as an escape'],
  ['incomplete explicit', 'a colon has no key before it; add the key'],
  ['missed comma', 'a comma or closing bracket is missing; add it'],
  ['missing indentation', 'the text of a block is not indented; indent it'],
  ['name of an a', 'an anchor or alias has no name; add it, or put the value in quotes'],
  ['null byte', 'a NUL character stands in the text; remove it'],
  ['repeat of', 'a block has two indicators of a kind; remove one'],
  ['tab characters', 'a tab is used for indentation; use spaces'],
  ['tag', 'a tag is not written well; remove it, or put the value in quotes'],
  ['the stream contains', 'a control character stands in the text; remove it'],
  ['undeclared tag', 'a tag has a handle that is not declared; remove the tag'],
  ['unexpected end', 'a closing quote or bracket is missing; add it'],
  [
    'unidentified alias',
    'an alias has no anchor of its name before it; add the anchor, or put the value in quotes',
  ],
  ['unknown escape', 'a text in double quotes has an unknown escape; use single quotes or write \\\\'],
];

/** What is wrong, and what to do about it. */
export function describeSyntax({ reason }: YAMLException): string {
  if (reason.startsWith('nesting exceeded')) return 'is nested too deeply; flatten it';
  const known = words.find(([start]) => reason.startsWith(start));
  return `is not valid YAML: ${known?.[1] ?? 'the syntax is wrong here; check this line'}`;
}
