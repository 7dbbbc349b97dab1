import { describe, expect, it } from 'vitest';
import type { Remote } from '../access/remote.ts';
import { isMissingCommit, remoteFailure } from './failure.ts';

const open: Remote = {
  url: 'https://host/r',
  protocol: 'https',
  credentials: {},
  knownHosts: '',
  opened: [],
};
const ssh: Remote = { ...open, url: 'ssh://git@host:2222/r', protocol: 'ssh' };
const closed: Remote = { ...open, credentials: { username: 'bob', password: 's3cret' } };

describe('activities/git/failure', () => {
  it.each([
    ['dns', "fatal: unable to access 'https://host/r/': Could not resolve host: host", true],
    ['auth', "fatal: could not read Username for 'https://host': terminal prompts disabled", false],
    ['forbidden', "fatal: unable to access 'https://host/r/': The requested URL returned error: 403", false],
    ['not-found', "remote: Not Found\nfatal: repository 'https://host/r/' not found", false],
    ['not-found', "fatal: '/srv/x' does not appear to be a git repository", false],
    ['not-git', 'fatal: https://host/r/info/refs not valid: is this a git repository?', false],
    ['tls', "fatal: unable to access 'https://host/r/': server certificate verification failed.", false],
    [
      'connection',
      "fatal: unable to access 'x': Failed to connect to host port 443: Connection refused",
      true,
    ],
    ['server', "fatal: unable to access 'x': The requested URL returned error: 503", true],
    ['ownership', "fatal: detected dubious ownership in repository at '/srv/x'", false],
    ['unknown', 'fatal: something new', true],
  ])('recognises %s', (reason, stderr, retryable) => {
    const error = remoteFailure(open, stderr);
    expect(error).toMatchObject({ code: 'source-unreachable', retryable, details: { reason } });
    expect(error.message.startsWith('repository https://host/r: ')).toBe(true);
  });

  it.each([
    [
      'host-key',
      'No ED25519 host key is known for [host]:2222 and you have requested strict checking.\nHost key verification failed.',
    ],
    ['auth', 'git@host: Permission denied (publickey).\nfatal: Could not read from remote repository.'],
    ['key', 'Load key "/x/key": error in libcrypto\ngit@host: Permission denied (publickey).'],
    ['dns', 'ssh: Could not resolve hostname host: Name or service not known'],
    ['connection', 'ssh: connect to host host port 22: Connection refused'],
    ['not-found', 'ERROR: Repository not found.\nfatal: Could not read from remote repository.'],
  ])('recognises %s over SSH', (reason, stderr) => {
    const advice = '\n\nPlease make sure you have the correct access rights\nand the repository exists.\n';
    const error = remoteFailure(ssh, stderr + advice);
    expect(error).toMatchObject({ details: { reason } });
    expect(error.message).not.toContain('Please make sure');
  });

  it('says how a host key becomes known', () => {
    const { message } = remoteFailure(ssh, 'Host key verification failed.');
    expect(message).toContain('ssh-keyscan -p 2222 host | keelson cert add-ssh --batch');
  });

  it('tells missing credentials from refused ones', () => {
    const stderr = "fatal: Authentication failed for 'https://host/r/'";
    expect(remoteFailure(open, stderr).message).toContain('none are configured');
    expect(remoteFailure(closed, stderr).message).toContain('refused the configured credentials');
  });

  it('repeats no credentials that Git printed', () => {
    const { message } = remoteFailure(closed, "fatal: cannot use 'https://x:other@host/' with s3cret");
    expect(message).not.toMatch(/s3cret|other/);
  });

  it.each<[string, Remote['credentials'], string]>([
    ['bearer token', { bearerToken: 'tok-canary' }, 'tok-canary'],
    ['proxy', { proxy: 'http://u:canary@proxy:3128' }, 'http://u:canary@proxy:3128'],
    [
      'user and password as a header',
      { username: 'bob', password: 'canary' },
      Buffer.from('bob:canary').toString('base64'),
    ],
  ])('repeats no %s that a server echoes', (_name, credentials, echoed) => {
    const { message } = remoteFailure({ ...open, credentials }, `remote: denied for ${echoed}`);
    expect(message).toContain('denied for');
    expect(message).not.toContain(echoed);
  });

  it('knows the words for a commit that the server does not hand out', () => {
    expect(isMissingCommit('fatal: remote error: upload-pack: not our ref abc')).toBe(true);
    expect(isMissingCommit('fatal: Could not resolve host')).toBe(false);
  });
});
