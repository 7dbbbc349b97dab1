import { describe, expect, it } from 'vitest';
import { restOfGlob } from './rest-of-glob.ts';

const code = (character: string): string =>
  `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`;
const equal = (...texts: readonly string[]) => ({ fits: texts.map((text) => ({ by: 'equal', text })) });
const like = (...texts: readonly string[]) => ({ fits: texts.map((text) => ({ by: 'like', text })) });

describe('the rest of a glob', () => {
  it.each([
    ['team/web', equal('web')],
    ['team/*', 'all'],
    ['*', 'all'],
    ['*/*', 'all'],
    ['other/*', 'none'],
    ['team', 'none'],
    ['team/', equal('')],
    ['t?am/web-*', like('web-%')],
    ['*/web', { fits: [...equal('web').fits, ...like('%/web').fits] }],
    // The asterisk may end within the beginning, at its end or behind it.
    ['*am/web', { fits: [...equal('web').fits, ...like('%am/web').fits] }],
    ['team/a_b%c\\\\*', like('a\\_b\\%c\\\\%')],
    ['team/\\*', equal('*')],
    ['team/{a,b}', equal('a', 'b')],
    ['{team,other}/{a*,b}', { fits: [...equal('b').fits, ...like('a%').fits] }],
    ['team/{a,{b,c}}', equal('a', 'b', 'c')],
    ['team/{a,*}', 'all'],
    ['team/**', 'all'],
    ['team/a***b', like('a%b')],
    ['team/😀?', like('😀_')],
    ['team/\0', 'none'],
    ['team/\ud800', 'none'],
  ])('%s behind its project is %j', (glob, rest) => {
    expect(restOfGlob(glob, 'team/')).toEqual(rest);
  });

  it.each([
    ['team/[a-c]', `^[${code('a')}-${code('c')}]$`],
    ['team/[!x]?*', `^[^${code('x')}]..*$`],
    ['team/[]^-]', `^[${code(']')}${code('^')}${code('-')}]$`],
    ['team/[!]', '^.$'],
    ['team/é[.]', `^${code('é')}[${code('.')}]$`],
  ])('%s becomes an expression in which nothing but its own means anything', (glob, text) => {
    expect(restOfGlob(glob, 'team/')).toEqual({ fits: [{ by: 'expression', text }] });
  });

  it('of more alternatives than are worth their patterns is left to be decided on', () => {
    const choice = (count: number): string =>
      `{${Array.from({ length: count }, (_, at) => `n${at}`).join(',')}}`;
    expect(restOfGlob(`team/${choice(64)}`, 'team/')).toMatchObject({ fits: { length: 64 } });
    expect(restOfGlob(`team/${choice(65)}`, 'team/')).toBeUndefined();
    expect(restOfGlob(`team/${'{a,b}'.repeat(7)}`, 'team/')).toBeUndefined();
    expect(restOfGlob(`${'{a,b}'.repeat(200)}`, 'team/')).toBeUndefined();
  });
});
