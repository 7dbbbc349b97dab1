import { describe, expect, it } from 'vitest';
import { findRevision, isFullSha, parseRefs, revisionNotFound, tagsAt } from './refs.ts';

const sha = (digit: string) => digit.repeat(40);

const refs = parseRefs(
  [
    'ref: refs/heads/main\tHEAD',
    `${sha('a')}\tHEAD`,
    `${sha('a')}\trefs/heads/main`,
    `${sha('b')}\trefs/heads/feature/one`,
    `${sha('c')}\trefs/heads/both`,
    `${sha('d')}\trefs/tags/both`,
    `${sha('e')}\trefs/tags/v1.0.0`,
    `${sha('f')}\trefs/tags/v1.0.0^{}`,
    `${sha('1')}\trefs/tags/v1.1.0`,
    `${sha('2')}\trefs/pull/7/head`,
    '',
  ].join('\n'),
);

describe('activities/git/refs', () => {
  it.each([
    ['', sha('a'), 'refs/heads/main'],
    ['HEAD', sha('a'), 'refs/heads/main'],
    ['main', sha('a'), 'refs/heads/main'],
    ['feature/one', sha('b'), 'refs/heads/feature/one'],
    ['refs/heads/feature/one', sha('b'), 'refs/heads/feature/one'],
    ['both', sha('c'), 'refs/heads/both'],
    ['refs/tags/both', sha('d'), 'refs/tags/both'],
    ['v1.0.0', sha('f'), 'refs/tags/v1.0.0'],
    ['1.x', sha('1'), 'refs/tags/v1.1.0'],
    ['pull/7/head', sha('2'), 'refs/pull/7/head'],
  ])('finds %j', (revision, commit, ref) => {
    expect(findRevision(refs, revision)).toEqual({ sha: commit, ref });
  });

  it.each(['nope', '9.9.9', '>=9'])('finds nothing for %s', (revision) => {
    expect(findRevision(refs, revision)).toBeUndefined();
  });

  it('lists the tags of a commit', () => {
    expect(tagsAt(refs, sha('f'))).toEqual(['v1.0.0']);
  });

  it('takes only 40 hexadecimal digits for a full SHA', () => {
    expect([sha('a'), sha('a').slice(1), `${sha('a')}a`].map(isFullSha)).toEqual([true, false, false]);
  });

  it('names existing branches when a revision leads nowhere', () => {
    expect(revisionNotFound('https://host/r', 'mian', refs).message).toBe(
      "unable to resolve 'mian' to a commit SHA in https://host/r; use an existing branch, tag or commit; " +
        'branches: main, feature/one, both',
    );
  });

  it('names at most five branches', () => {
    const many = parseRefs([1, 2, 3, 4, 5, 6, 7].map((n) => `${sha('a')}\trefs/heads/b${n}`).join('\n'));
    expect(revisionNotFound('u', 'x', many).message).toContain('branches: b1, b2, b3, b4, b5 and 2 more');
  });

  it('says so when a repository is empty', () => {
    expect(revisionNotFound('u', '', parseRefs('')).message).toContain('has no commits yet');
  });
});
