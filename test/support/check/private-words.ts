/** Words that mean something to nobody but us; docs/concepts.md and the field have others for each of them. */
const privateWords: ReadonlySet<string> = new Set([
  ...['arrivals', 'asked', 'away', 'blind', 'came', 'course', 'excuse', 'fresh', 'hollow', 'look', 'looking'],
  ...['passing', 'place', 'placed', 'raise', 'raised', 'raising', 'removal', 'said', 'say', 'silence'],
  ...['silent', 'stretch', 'tell', 'telling', 'told', 'wish', 'wished'],
]);

/** Exported names of a source that have such a word in them; to look something up is everybody's word. */
export function privateWordsIn(source: string): string[] {
  const declared = source.matchAll(
    /^export (?:default )?(?:async )?(?:function\*?|const|let|class|type|interface) (\w+)/gm,
  );
  const listed = [...source.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, names = '']) =>
    names.split(',').map((name) => name.trim().split(' ').at(-1) ?? ''),
  );
  return [...[...declared].map(([, name = '']) => name), ...listed].filter((name) =>
    partsOf(name.replaceAll(/[lL]ookUp/g, '')).some((part) => privateWords.has(part)),
  );
}

function partsOf(name: string): string[] {
  return name.split(/(?=[A-Z])|_/).map((part) => part.toLowerCase());
}
