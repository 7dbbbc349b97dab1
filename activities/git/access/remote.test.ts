import { describe, expect, it } from 'vitest';
import { KeelsonError } from '../../../core/errors.ts';
import { accessTo, type RepositoryCredentials } from '../../../core/repository/access.ts';
import { type GitProtocol, mirrorName, parseRemote, type Remote, readerOf } from './remote.ts';

const all: readonly GitProtocol[] = ['https', 'http', 'ssh', 'file'];

const read = (url: string, credentials: RepositoryCredentials = {}, protocols = all): Remote =>
  parseRemote(accessTo(url, credentials), protocols);

function messageOf(repoUrl: string, protocols = all): string {
  try {
    read(repoUrl, {}, protocols);
  } catch (cause) {
    if (cause instanceof KeelsonError) return cause.message;
  }
  throw new Error('expected the address to be refused');
}

describe('activities/git/remote', () => {
  it('moves user and password out of the address', () => {
    expect(read('https://bob:p%40ss@host/team/repo.git')).toMatchObject({
      url: 'https://host/team/repo.git',
      protocol: 'https',
      credentials: { username: 'bob', password: 'p@ss' },
    });
  });

  it('takes a lone user for a token', () => {
    expect(read('https://ghp_token@host/r').credentials).toEqual({ password: 'ghp_token' });
  });

  it('prefers configured credentials over those in the address', () => {
    expect(read('https://a:b@host/r', { password: 'c' }).credentials).toEqual({ password: 'c' });
    expect(read('https://a:b@host/r', { bearerToken: 't' }).credentials).toEqual({ bearerToken: 't' });
    expect(read('https://a:b@host/r', { proxy: 'http://p' }).credentials).toEqual({
      username: 'a',
      password: 'b',
      proxy: 'http://p',
    });
  });

  it('reads an absolute path as a file address', () => {
    expect(read('/srv/git/a b').url).toBe('file:///srv/git/a%20b');
  });

  it.each([
    ['git@host.com:team/repo.git', 'git@host.com:team/repo.git'],
    ['ssh://git@host.com:2222/team/repo.git', 'ssh://git@host.com:2222/team/repo.git'],
    ['ssh://git:secret@host.com/~bob/repo', 'ssh://git@host.com/~bob/repo'],
    ['git+ssh://git@host.com/team/repo', 'ssh://git@host.com/team/repo'],
  ])('reads %s as an SSH address', (given, url) => {
    expect(read(given, { sshPrivateKey: 'k' })).toMatchObject({
      url,
      protocol: 'ssh',
      credentials: { sshPrivateKey: 'k' },
    });
  });

  it.each([
    '-oProxyCommand=id@host:x',
    'git@-oProxyCommand=id:x',
    'ssh://-oProxyCommand=id@host/x',
    'ssh://-oProxyCommand=id/x',
    'ssh://git@%2DoProxyCommand=id/x',
    'ssh:///x',
  ])('refuses %s, which a program could take for an option', (url) => {
    expect(messageOf(url)).not.toBe('');
  });

  it('tells readers apart by what they read with', () => {
    const [ann, bob] = [read('https://host/r', { password: 'a' }), read('https://host/r', { password: 'b' })];
    expect(readerOf(ann)).not.toBe(readerOf(bob));
    expect(readerOf(ann)).toBe(readerOf(read('https://host/r', { password: 'a' })));
    expect(readerOf(ann)).not.toContain('a"');
    expect(mirrorName(ann)).toBe(mirrorName(bob));
  });

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
    const name = mirrorName(read('https://host/r'));
    expect(mirrorName(read('https://u:p@HOST/r/'))).toBe(name);
    expect(mirrorName(read('https://host/R'))).not.toBe(name);
  });
});
