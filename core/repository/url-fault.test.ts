import { describe, expect, test } from 'vitest';
import { repositoryUrlFault } from './url-fault.ts';

describe('core/repository/url-fault', () => {
  test.each([
    'https://git.example.com/team/deploy.git',
    'http://127.0.0.1:3000/x.git',
    'https://robot@git.example.com/x.git',
    'ssh://git@git.example.com:2222/x.git',
    'git@git.example.com:team/deploy.git',
    'file:///srv/git/deploy.git',
    '/srv/git/deploy.git',
    'oci://registry.example.com/charts/web',
    'https://git.example.com/.github/..x/y..git',
  ])('%s can be used', (url) => {
    expect(repositoryUrlFault(url)).toBeUndefined();
  });

  test.each([
    ['git example', /white space; remove it/],
    ['nonsense', /not a repository URL; write it as/],
    ['ftp://git.example.com/x', /use https:\/\//],
    ['ext::sh -c touch% /tmp/x', /white space/],
    ['ext::sh', /use https:\/\//],
    ['ssh:///x', /names no host/],
    ['https://git.example.com/team/../other/x', /has a folder "\." or "\.\."; write the address without it/],
    ['https://git.example.com/team/%2E%2e/other/x', /has a folder/],
    ['https://git.example.com/team/.', /has a folder/],
    ['https://git.example.com/team\\..\\other', /has a folder/],
    ['git@git.example.com:../other/x', /has a folder/],
    ['/srv/git/../other', /has a folder/],
    ['oci://registry.example.com/team/..?x', /has a folder/],
  ])('%s is refused', (url, message) => {
    expect(repositoryUrlFault(url)).toMatch(message);
  });

  test('a registry is written without a scheme', () => {
    expect(repositoryUrlFault('registry.example.com:5000/charts', 'helm')).toBeUndefined();
    expect(repositoryUrlFault('registry.example.com/charts', 'git')).toMatch(/not a repository URL/);
    expect(repositoryUrlFault('', 'helm')).toMatch(/is empty/);
  });

  test('a password in a URL is refused without being repeated', () => {
    const fault = repositoryUrlFault('https://robot:canary@git.example.com/x.git');
    expect(fault).toMatch(/carries a password; remove it and add the repository/);
    expect(fault).not.toContain('canary');
  });
});
