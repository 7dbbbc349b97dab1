import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../core/object/json/json.ts';
import { productFolders, sourceFiles } from '../../support/check/source-files.ts';
import { areas } from './areas.ts';
import { type Remedy, remediesIn } from './remedies-in.ts';
import { textsOf } from './texts.ts';

/** Sources of the product; what health rules rest on is documentation, and their words tell states. */
const sources = sourceFiles(productFolders).filter((path) => !path.startsWith('core/health/crd/'));

const found = new Map(sources.map((path) => [path, remediesIn(path)]));

/** Remedies that no test follows: by the reason, then by the source, their texts. */
const unfollowed = parseJson(readFileSync(new URL('unfollowed.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, Readonly<Record<string, readonly string[]>>>
>;

const excused = Object.values(unfollowed).flatMap((bySource) =>
  Object.entries(bySource).flatMap(([path, texts]) => texts.map((text) => `${path}: ${text}`)),
);

const quotes = new Map<string, readonly string[]>();
function quotesOf(test: string): readonly string[] {
  const known = quotes.get(test) ?? textsOf(test);
  quotes.set(test, known);
  return known;
}

/** Orders as short as this mean nothing without what they are about. */
const shortOrder = 24;

/** What a text says that quotes a remedy; values may be anything. */
function quotePattern({ text, order }: Remedy): RegExp {
  const words = order.replaceAll('{}', '').length < shortOrder ? text : order;
  const parts = words.split('{}').map((part) => part.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(parts.filter((part) => part !== '').join('.*'), 's');
}

function isFollowed(path: string, remedy: Remedy): boolean {
  const pattern = quotePattern(remedy);
  return areas
    .filter((area) => area.sources.some((one) => path.startsWith(one)))
    .some(({ tests }) => tests.some((test) => quotesOf(test).some((quote) => pattern.test(quote))));
}

const open = [...found].flatMap(([path, { remedies }]) =>
  remedies.filter((one) => !isFollowed(path, one)).map(({ text }) => `${path}: ${text}`),
);

describe('the remedies of messages', () => {
  it('are found where they are known to be', () => {
    const count = [...found.values()].reduce((sum, { remedies }) => sum + remedies.length, 0);
    expect(count).toBeGreaterThan(550);
    expect(found.get('core/settings/words/hidden-words.ts')?.remedies).toEqual([
      { text: 'is hidden here and not set; give its value', order: 'give its value' },
    ]);
  });

  it('begin with a word that is known as an order, or not as one', () => {
    expect([...found.values()].flatMap(({ unjudged }) => unjudged)).toEqual([]);
  });

  it('are each quoted by the test that follows it, or have a reason why none does', () => {
    expect(open.filter((one) => !excused.includes(one))).toEqual([]);
  });

  it('have no reason any more once they are followed or gone', () => {
    expect(excused.filter((one) => !open.includes(one))).toEqual([]);
  });
});
