import { describe, expect, test } from 'vitest';
import { completedBy, hasIdentity, templateFor } from './template.ts';

const templates = [
  { url: 'https://git.example.com', name: 'host' },
  { url: 'https://git.example.com/team', name: 'team' },
  { url: 'https://git.example.com/team/', name: 'folder' },
  { url: 'git@git.example.com:team', name: 'ssh' },
];

describe('core/repository/template', () => {
  test.each([
    ['https://git.example.com/other/x.git', 'host'],
    ['https://git.example.com/teams/x.git', 'team'],
    ['https://GIT.example.com/Team/x.git', 'folder'],
    ['ssh://git@git.example.com/team/x', 'ssh'],
    ['https://elsewhere.example.com/team/x', undefined],
  ])('the longest prefix wins for %s', (url, name) => {
    expect(templateFor(templates, url)?.name).toBe(name);
  });

  test.each([
    [{ username: 'robot' }, true],
    [{ tlsClientCertData: 'PEM' }, true],
    [{ insecure: true, proxy: 'http://proxy:3128', enableLfs: true }, false],
    [{ password: '' }, false],
    [undefined, false],
  ])('%o says as whom a repository is read: %s', (credentials, expected) => {
    expect(hasIdentity(credentials)).toBe(expected);
  });

  test('a template fills what the repository leaves open and nothing that weakens it', () => {
    const own = { proxy: 'http://own:3128', enableLfs: true };
    const template = {
      username: 'robot',
      password: 'x',
      proxy: 'http://proxy:3128',
      insecure: true,
      depth: 1,
    };
    expect(completedBy(own, template)).toEqual({
      username: 'robot',
      password: 'x',
      proxy: 'http://own:3128',
      enableLfs: true,
    });
  });
});
