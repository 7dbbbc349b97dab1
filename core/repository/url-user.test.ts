import { describe, expect, it } from 'vitest';
import { withoutUser } from './url-user.ts';

describe('core/repository/url-user', () => {
  it.each([
    ['http://proxy:3128', 'http://proxy:3128'],
    ['http://u:p@proxy:3128', 'http://proxy:3128'],
    ['http://u:p@ss@proxy:3128', 'http://proxy:3128'],
    ['http://u:a/b@proxy:3128', 'http://proxy:3128'],
    ['http://u:a?b@proxy', 'http://proxy'],
    ['http://u:a?b@c?d@proxy', 'http://proxy'],
    ['socks5://token@proxy/', 'socks5://proxy/'],
    ['https://to@ken@proxy/x', 'https://proxy/x'],
    ['u:p@ss@proxy:3128', 'proxy:3128'],
    ['proxy:3128', 'proxy:3128'],
    ['https://[::1]:8443/a@v1', 'https://[::1]:8443/a@v1'],
    ['https://host/a@v1?ref=b@c', 'https://host/a@v1?ref=b@c'],
  ])('makes of %s %s', (address, shown) => {
    expect(withoutUser(address)).toBe(shown);
  });
});
