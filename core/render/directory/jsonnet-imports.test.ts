import { describe, expect, it } from 'vitest';
import { jsonnetImports } from './jsonnet-imports.ts';

describe('core/render/directory/jsonnet-imports', () => {
  it.each<[string, string[] | undefined]>([
    ["local a = import 'a.libsonnet'; a", ['a.libsonnet']],
    ['[importstr "t.txt", importbin \'b\']', ['t.txt', 'b']],
    ['import /* of */ // this\n # and\n "a"', ['a']],
    ["import @'it''s', import @\"a\\b\"", ["it's", 'a\\b']],
    ['import "a\\u002fb"', undefined],
    ['"\\"" + import "a"', ['a']],
    ["// import 'a'\n# import 'b'\n/* import 'c' */ 1", []],
    ['"import \'a\'"', []],
    ['reimport "a"', []],
    ['{ x: |||\n  import "a"\n\n  it\'s\n|||, y: import "b" }', ['b']],
    ['|||\n  endless', undefined],
    ['"endless', undefined],
    ['@"endless""', undefined],
    ['/* endless', []],
    ['', []],
  ])('%j', (text, expected) => {
    expect(jsonnetImports(text)).toEqual(expected);
  });

  it.each([
    ['comments before what is no path', `import${'/**/'.repeat(250_000)}x`],
    ['words without a path', 'import '.repeat(140_000)],
    ['comments without an end', 'import /* '.repeat(100_000)],
    ['comments to the end of one line', 'import #'.repeat(120_000)],
    ['verbatim quotes', `import @"${'""'.repeat(500_000)}`],
    ['blocks without an end', '|||\n '.repeat(200_000)],
  ])('takes no longer than the text: a megabyte of %s', (_, text) => {
    const startedAt = performance.now();
    jsonnetImports(text);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});
