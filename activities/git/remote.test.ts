import { describe, expect, it } from 'vitest';
import { KeelsonError } from '../../core/errors.ts';
import { type GitProtocol, mirrorName, parseRemote } from './remote.ts';

const all: readonly GitProtocol[] = ['https', 'http', 'file'];

function messageOf(repoUrl: string, protocols = all): string {
  try {
    parseRemote(repoUrl, protocols);
  } catch (cause) {
    if (cause instanceof KeelsonError) return cause.message;
  }
  throw new Error('expected the address to be refused');
}

describe('activities/git/remote', () => {
  it('moves user and password out of the address', () => {
    expect(parseRemote('https://bob:p%40ss@host/team/repo.git', all)).toEqual({
      url: 'https://host/team/repo.git',
      protocol: 'https',
      credentials: { username: 'bob', password: 'p@ss' },
    });
  });

  it('takes a lone user for a token', () => {
    expect(parseRemote('https://ghp_token@host/r', all).credentials).toEqual({ password: 'ghp_token' });
  });

  it('prefers configured credentials over those in the address', () => {
    expect(parseRemote('https://a:b@host/r', all, { password: 'c' }).credentials).toEqual({ password: 'c' });
  });

  it('reads an absolute path as a file address', () => {
    expect(parseRemote('/srv/git/a b', all).url).toBe('file:///srv/git/a%20b');
  });

  it.each(['git@host.com:team/repo.git', 'ssh://git@host.com/team/repo.git'])(
    'says that %s is not supported',
    (url) => {
      expect(messageOf(url)).toMatch(
        /^repository host\.com[:/]team\/repo\.git: SSH addresses are not supported yet/,
      );
    },
  );

  it.each(['ext::sh -c id', '--upload-pack=id', 'git://host/r', 'relative/path', ''])('refuses %j', (url) => {
    expect(messageOf(url)).not.toBe('');
  });

  it('refuses files where they are not allowed', () => {
    expect(messageOf('file:///etc', ['https'])).toContain(
      'file:// addresses are not allowed; use one of https://',
    );
  });

  it('repeats no password of an address that it cannot read', () => {
    expect(messageOf('https://bob:s3cret@ho st/r')).not.toContain('s3cret');
    expect(messageOf('git://bob:s3cret@host/r')).not.toContain('s3cret');
  });

  it('names the mirror by the address without its user and trailing slash', () => {
    const name = mirrorName(parseRemote('https://host/r', all));
    expect(mirrorName(parseRemote('https://u:p@HOST/r/', all))).toBe(name);
    expect(mirrorName(parseRemote('https://host/R', all))).not.toBe(name);
  });
});
