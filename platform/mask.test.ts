import { describe, expect, it } from 'vitest';
import { lastLines, maskText } from './mask.ts';

describe('platform/mask', () => {
  it('hides the user part of every URL', () => {
    const text = "fatal: unable to access 'https://bob:s3cret@git.example.com/a.git/' via ssh://git@host/x";
    expect(maskText(text)).toBe(
      "fatal: unable to access 'https://****@git.example.com/a.git/' via ssh://****@host/x",
    );
  });

  it('hides given secrets as written and as encoded in a URL', () => {
    expect(maskText('a p@ss word, p%40ss%20word', ['p@ss word'])).toBe('a ****, ****');
  });

  it('hides the whole of a secret that contains another one', () => {
    expect(maskText('token-extended', ['token', 'token-extended'])).toBe('****');
  });

  it('leaves text alone when a secret is empty', () => {
    expect(maskText('plain text', [''])).toBe('plain text');
  });

  it('keeps the last lines and drops blank ones', () => {
    expect(lastLines('one\n\ntwo\nthree\n', { lines: 2 })).toBe('two; three');
  });

  it('shortens a long line from its start', () => {
    expect(lastLines('x'.repeat(50), { characters: 10 })).toBe(`...${'x'.repeat(10)}`);
  });
});
