import { describe, expect, it } from 'vitest';
import { lastLines, maskText } from './mask.ts';

describe('platform/mask', () => {
  it('hides the user part of every URL', () => {
    const text = "fatal: unable to access 'https://bob:s3cret@git.example.com/a.git/' via ssh://git@host/x";
    expect(maskText(text)).toBe(
      "fatal: unable to access 'https://****@git.example.com/a.git/' via ssh://****@host/x",
    );
  });

  it.each([
    ['https://u:p@ss@h', 'https://****@h'],
    ['https://u:a/b@h/x.git', 'https://****@h/x.git'],
    ['https://u:p@a/b@h', 'https://****@h'],
    ['https://u:a?b@h', 'https://****@h'],
    ['https://token@h/x', 'https://****@h/x'],
    ['ssh://git@h:22/a.git', 'ssh://****@h:22/a.git'],
    ['(https://h/x?private_token=X)', '(https://h/x?private_token=****'],
    ['https://h/x?ref=v1&token=X&y', 'https://h/x?ref=v1&token=****&****'],
    ['https://h/x?a=b=c', 'https://h/x?a=****'],
    ['https://u:p@h/x?ref=v1 and https://v:q@i', 'https://****@h/x?ref=v1 and https://****@i'],
    ['oci://registry:5000/charts/x@sha256:abc', 'oci://registry:5000/charts/x@sha256:abc'],
    ['https://h:8443/a@v1', 'https://h:8443/a@v1'],
    ['https://[::1]:8443/a@v1', 'https://[::1]:8443/a@v1'],
    ['https://github.com/a/b@v1', 'https://github.com/a/b@v1'],
    ['no url, a@b', 'no url, a@b'],
    // As Kustomize cleans what it takes for a path.
    [
      "'app/http:/u:pw@h/x?token=X' : lstat app/http:: no",
      "'app/http:/****@h/x?token=****' : lstat app/http:: no",
    ],
    ['https:///u:pw@h/x', 'https:///****@h/x'],
    ['app/a.yaml:/x, c:/charts/x@1.2', 'app/a.yaml:/x, c:/charts/x@1.2'],
  ])('makes of %s %s', (text, masked) => {
    expect(maskText(text)).toBe(masked);
  });

  it.each(['a.', 'a-', '://', 'https://u:', '@', '?a=', 'https://u:p@'])(
    'takes time in proportion to a text of many %s',
    (part) => {
      const begun = performance.now();
      maskText(part.repeat(400_000 / part.length));
      expect(performance.now() - begun).toBeLessThan(1000);
    },
  );

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
