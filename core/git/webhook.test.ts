import { describe, expect, it } from 'vitest';
import { isAffected, isSameRepository, repositoryId, shortRef } from './webhook.ts';

describe('core/git/webhook', () => {
  it.each([
    'https://github.com/acme/apps',
    'http://github.com/acme/apps.git',
    'https://GitHub.com/Acme/Apps.git/',
    'https://user@github.com/acme/apps',
    'https://user:pass@github.com:443/acme/apps.git',
    'ssh://git@github.com/acme/apps.git',
    'ssh://git@github.com:22/acme/apps',
    'ssh://git@ssh.github.com:443/acme/apps.git',
    'git@github.com:acme/apps.git',
    'github.com:acme/apps',
    'git@altssh.github.com:acme/apps.git',
  ])('takes %s for the repository of a push', (url) => {
    expect(repositoryId(url)).toBe('github.com/acme/apps');
  });

  it.each([
    ['https://github.com/acme/apps', 'https://github.com/acme/apps-2'],
    ['https://github.com/acme/apps', 'https://gitlab.com/acme/apps'],
    ['https://github.com/acme/apps', 'https://github.com/other/acme/apps'],
    ['/srv/git/apps', '/srv/git/other'],
    ['/srv/git/apps', 'https://srv/git/apps'],
  ])('keeps %s and %s apart', (a, b) => {
    expect(isSameRepository(a, b)).toBe(false);
  });

  it.each([
    ['/srv/git/apps.git', 'file:///srv/git/apps'],
    ['file://localhost/srv/git/apps/', '/srv/git/apps.git'],
    ['http://127.0.0.1:3000/acme/apps.git', 'http://127.0.0.1:4000/acme/apps'],
  ])('takes %s and %s for one repository', (a, b) => {
    expect(isSameRepository(a, b)).toBe(true);
  });

  it('shortens refs to what follows their kind', () => {
    expect(shortRef('refs/heads/team/feature')).toBe('team/feature');
    expect(shortRef('refs/tags/v1')).toBe('v1');
    expect(shortRef('main')).toBe('main');
  });

  it.each<[string, string | undefined, boolean]>([
    ['refs/heads/main', undefined, true],
    ['refs/heads/main', '', true],
    ['refs/heads/main', 'HEAD', true],
    ['refs/heads/other', 'HEAD', false],
    ['refs/tags/main', 'HEAD', false],
    ['refs/heads/team/main', undefined, false],
    ['refs/heads/main', 'main', true],
    ['refs/heads/main', 'refs/heads/main', true],
    ['refs/tags/main', 'refs/heads/main', false],
    ['refs/heads/main', 'Main', false],
    ['refs/heads/team/x', 'team/x', true],
    ['refs/heads/team/x', 'x', false],
    ['refs/tags/v1.2.3', 'v1.2.3', true],
    ['refs/tags/v1.2.3', '1.x', true],
    ['refs/tags/v1.2.3', '>=1.0', true],
    ['refs/tags/v1.2.3', 'main', false],
    ['refs/heads/main', '1.x', false],
    ['refs/heads/main', '0123456789012345678901234567890123456789', false],
  ])('says of a push to %s and the target %s: %s', (ref, target, expected) => {
    expect(isAffected({ ref, defaultBranch: 'main' }, target)).toBe(expected);
  });

  it('takes every branch, and no tag, for what HEAD may mean while the default branch is not known', () => {
    const defaultBranch = undefined;
    expect(isAffected({ ref: 'refs/heads/other', defaultBranch }, 'HEAD')).toBe(true);
    expect(isAffected({ ref: 'refs/tags/other', defaultBranch }, undefined)).toBe(false);
  });
});
