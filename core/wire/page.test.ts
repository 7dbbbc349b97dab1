import { describe, expect, it } from 'vitest';
import { formatContinue, parseContinue } from './page.ts';

const place = { name: 'web', namespace: 'argocd', resourceVersion: 41 };
const written = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('the place of a page', () => {
  it('is read as it was written', () => {
    expect(parseContinue(formatContinue(place))).toEqual(place);
  });

  it.each([
    ['nothing', ''],
    ['a word', 'web'],
    ['one cut short', formatContinue(place).slice(0, -1)],
    ['one with something added', `${formatContinue(place)}=`],
    ['another number of its kind', written([2, 'web', 'argocd', 41])],
    ['a version that is none', written([1, 'web', 'argocd', -1])],
    ['a version that is not whole', written([1, 'web', 'argocd', 1.5])],
    ['a name that is none', written([1, {}, 'argocd', 41])],
    ['a name that is too long', written([1, 'a'.repeat(254), 'argocd', 41])],
    ['more than a place', written([1, 'web', 'argocd', 41, 1])],
    ['JSON in another form', Buffer.from('[1, "web", "argocd", 41]').toString('base64url')],
    ['a long text', 'a'.repeat(2_000)],
  ])('is refused where it is %s', (_, text) => {
    expect(parseContinue(text)).toBeUndefined();
  });
});
