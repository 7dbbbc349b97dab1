import { describe, expect, it } from 'vitest';
import { isMissingCommit, remoteFailure } from './failure.ts';
import type { Remote } from './remote.ts';

const open: Remote = { url: 'https://host/r', protocol: 'https' };
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

  it('tells missing credentials from refused ones', () => {
    const stderr = "fatal: Authentication failed for 'https://host/r/'";
    expect(remoteFailure(open, stderr).message).toContain('none are configured');
    expect(remoteFailure(closed, stderr).message).toContain('refused the configured credentials');
  });

  it('repeats no credentials that Git printed', () => {
    const { message } = remoteFailure(closed, "fatal: cannot use 'https://x:other@host/' with s3cret");
    expect(message).not.toMatch(/s3cret|other/);
  });

  it('knows the words for a commit that the server does not hand out', () => {
    expect(isMissingCommit('fatal: remote error: upload-pack: not our ref abc')).toBe(true);
    expect(isMissingCommit('fatal: Could not resolve host')).toBe(false);
  });
});
