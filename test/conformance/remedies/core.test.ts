import { afterAll, describe, expect, it } from 'vitest';
import { contextFault } from '../../../cluster/compare/compare-object.ts';
import { createLayout, type ListedMember } from '../../../core/archive/layout.ts';
import { defaultSettings } from '../../../core/settings/settings.ts';
import { lengthFault } from '../../../core/text/field-limits.ts';
import { globPattern } from '../../../core/text/glob.ts';
import { unstorablePart } from '../../../core/text/storable-text.ts';
import { createJq } from '../../../platform/jq/jq.ts';
import { type Followed, followEach, problemsOf } from '../../support/hostile/remedies.ts';

const jq = createJq();
afterAll(() => jq.close());

describe('an expression of jq', () => {
  const faultOf = async (...expressions: string[]): Promise<string | undefined> => {
    const ignoreDifferences = [{ group: 'apps', kind: 'Deployment', jqPathExpressions: expressions }];
    const rules = { settings: defaultSettings, ignoreDifferences };
    return contextFault(jq, { rules });
  };

  it('is corrected or removed where jq can not run it', async () => {
    const fault = await faultOf('.spec[');
    // The words of jq change.
    const said = /which jq cannot run: (.*);/s.exec(fault ?? '')?.[1];
    expect(fault).toBe(
      `spec.ignoreDifferences[0]: jqPathExpressions has ".spec[", which jq cannot run: ${said}; correct or remove it`,
    );
    expect(await faultOf('.spec[]')).toBeUndefined();
    expect(await faultOf()).toBeUndefined();
  });
});

describe('the length of a field', () => {
  followEach(
    (name) => [lengthFault('appName', name) ?? []].flat(),
    [['has 254 characters, and may have 253; shorten it', 'x'.repeat(254), 'x'.repeat(253)]],
  );
});

describe('a glob', () => {
  const many = (count: number): string =>
    `{${Array.from({ length: count }, (_, at) => `file-${at}`).join(',')}}`;
  followEach(
    (globs: string[]) => problemsOf(() => globs.map((glob) => globPattern(glob))),
    [
      [
        '..." is longer than 1024 characters; use several, or a shorter one',
        [many(150)],
        [many(75), many(75)],
      ],
      ['..." is longer than 1024 characters; use several, or a shorter one', [many(150)], ['file-*']],
      ['glob has the class [b-a], whose range ends before it begins; correct it', ['[b-a]'], ['[a-b]']],
    ],
  );
});

/** A value inside so many others. */
function nested(levels: number): unknown {
  let value: unknown = 'x';
  for (let level = 0; level < levels; level++) value = { a: value };
  return value;
}

describe('a value that is to be stored', () => {
  const says = 'holds the character U+0000 or half a surrogate pair, which nothing can store; take it out';
  followEach(
    (value: unknown) => [unstorablePart(value)?.fault ?? []].flat(),
    [
      ['is nested deeper than 500 levels; flatten it', nested(501), { 'a.a.a': 'x' }],
      ['is not allowed; rename it', JSON.parse('{"a": {"__proto__": 1}}'), { a: { proto: 1 } }],
      [says, { a: 'x\u0000y' }, { a: 'xy' }],
      [says, { a: 'x\ud83d' }, { a: 'x' }],
    ],
  );
});

describe('an archive', () => {
  const file = (name: string, size = 1): ListedMember => ({ name, type: 'file', target: '', size });
  const symlink = (name: string, target: string): ListedMember => ({
    name,
    type: 'symlink',
    target,
    size: 0,
  });
  const says = (what: string): string => `the archive ${what}; pack and publish it without`;
  const rows: readonly Followed<ListedMember[]>[] = [
    [says('has a symlink out that leads out of it'), [file('a'), symlink('out', '../b')], [file('a')]],
    [says('has a member ../a that leads out of it'), [file('../a'), file('b')], [file('b')]],
    [
      says('has a member a that is neither file, folder nor link'),
      [{ ...file('a'), type: 'other' }, file('b')],
      [file('b')],
    ],
    [says('holds more than 100 bytes when unpacked'), [file('a', 90), file('b', 90)], [file('a', 90)]],
    [
      says('has more than 3 members and folders'),
      ['a', 'b', 'c', 'd'].map((name) => file(name)),
      [file('a')],
    ],
  ];
  followEach(
    (members) =>
      problemsOf(() => {
        const layout = createLayout({ maxEntries: 3, maxBytes: 100 });
        for (const member of members) layout.add(member);
        layout.finish();
      }),
    rows,
  );
});
