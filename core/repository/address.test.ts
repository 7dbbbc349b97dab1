import { describe, expect, test } from 'vitest';
import { coveredBy, hostOf, repositoryKey } from './address.ts';

describe('core/repository/address', () => {
  test.each([
    ['https://Git.Example.com/Team/Deploy.git', 'https://git.example.com/team/deploy'],
    ['https://git.example.com/team/deploy/', 'https://git.example.com/team/deploy'],
    ['https://robot@git.example.com:443/team/deploy', 'https://git.example.com/team/deploy'],
    ['https://git.example.com:8443/team/deploy', 'https://git.example.com:8443/team/deploy'],
    [' git@git.example.com:team/deploy.git ', 'ssh://git@git.example.com/team/deploy'],
    ['ssh://git@git.example.com:22/team/deploy', 'ssh://git@git.example.com/team/deploy'],
    ['ssh://git@git.example.com:2222/team/deploy', 'ssh://git@git.example.com:2222/team/deploy'],
    ['registry.example.com/charts', 'oci://registry.example.com/charts'],
    ['oci://Registry.example.com:5000/charts', 'oci://registry.example.com:5000/charts'],
    ['/srv/git/deploy.git', 'file:///srv/git/deploy'],
    ['file:///srv/git/deploy.git', 'file:///srv/git/deploy'],
    ['https://git.example.com/team/x/../../other/y', 'https://git.example.com/other/y'],
    ['no address', 'no address'],
  ])('%s has the key %s', (url, key) => {
    expect(repositoryKey(url)).toBe(key);
  });

  test.each([
    ['https://github.com/my-org', 'https://github.com/my-org/deploy.git'],
    ['https://github.com/my-org/', 'https://github.com/My-Org/deploy'],
    ['https://github.com/my-org', 'https://github.com/my-org'],
    ['https://github.com/my-org/', 'https://github.com/my-org'],
    ['https://github.com/team-', 'https://github.com/team-a/deploy'],
    ['https://github.com', 'https://github.com/my-org/deploy.git'],
    ['git@github.com:my-org', 'ssh://git@github.com/my-org/deploy.git'],
    ['ssh://git@github.com/my-org', 'git@github.com:my-org/deploy.git'],
    ['ssh://github.com/my-org', 'git@github.com:my-org/deploy.git'],
    ['registry.example.com', 'oci://registry.example.com/charts/web'],
    ['https://github.com/my-org/deploy.git', 'https://github.com/my-org/deploy'],
  ])('the prefix %s covers %s', (prefix, url) => {
    expect(coveredBy(prefix, url)).toBeDefined();
  });

  test.each([
    ['https://github.com', 'https://github.com.evil.example/my-org/deploy', 'a longer host is another host'],
    ['https://github.com', 'https://github.com:8443/my-org/deploy', 'another port is another server'],
    [
      'https://github.com/my-org',
      'http://github.com/my-org/deploy',
      'credentials never go to a weaker protocol',
    ],
    ['https://github.com/my-org', 'https://github.com/my-org/../other/deploy', 'dots lead out of the prefix'],
    ['https://github.com/my-org', 'https://github.com/my-org/%2e%2e/other', 'encoded dots do too'],
    ['https://github.com/my-org/', 'https://github.com/my-orgs/deploy', 'a slash ends a folder'],
    ['git@github.com:my-org', 'ssh://alice@github.com/my-org/deploy', 'another SSH user is another account'],
    ['https://', 'https://github.com/my-org/deploy', 'a prefix names a host'],
    ['', 'https://github.com/my-org/deploy', 'nothing is no prefix'],
  ])('the prefix %s does not cover %s: %s', (prefix, url) => {
    expect(coveredBy(prefix, url)).toBeUndefined();
  });

  test('a longer prefix covers more', () => {
    const url = 'https://github.com/my-org/deploy';
    const [host, org, whole] = ['https://github.com/', 'https://github.com/my-org/', url];
    const lengths = [host, org, whole].map((prefix) => coveredBy(prefix ?? '', url) ?? -1);
    expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
    expect(new Set(lengths).size).toBe(3);
  });

  test.each([
    ['https://git.example.com:8443/x', 'git.example.com'],
    ['git@git.example.com:x/y', 'git.example.com'],
    ['registry.example.com:5000/charts', 'registry.example.com'],
    ['https://[::1]:3000/x', '::1'],
    ['/srv/git', ''],
  ])('the host of %s is %s', (url, host) => {
    expect(hostOf(url)).toBe(host);
  });
});
