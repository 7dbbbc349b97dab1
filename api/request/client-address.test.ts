import { describe, expect, it } from 'vitest';
import { clientAddress, countedAs, trustedProxies } from './client-address.ts';

const nobody = trustedProxies([]);
const proxies = trustedProxies(['10.0.0.0/8', 'fd00::1']);

describe('api/client-address', () => {
  it.each([
    ['believes nobody by default', '10.0.0.1', '192.0.2.1', nobody, '10.0.0.1'],
    ['believes a trusted proxy', '10.0.0.1', '192.0.2.1', proxies, '192.0.2.1'],
    ['passes by a chain of proxies', '::ffff:10.0.0.1', '192.0.2.1, 10.2.0.1,10.3.0.1', proxies, '192.0.2.1'],
    ['takes what the last proxy saw', '10.0.0.1', '203.0.113.9, 192.0.2.1', proxies, '192.0.2.1'],
    ['believes no stranger', '192.0.2.7', '203.0.113.9', proxies, '192.0.2.7'],
    ['keeps the proxy where it says nothing', 'fd00::1', undefined, proxies, 'fd00::1'],
    ['keeps the proxy where it says nonsense', '10.0.0.1', '192.0.2.1, nonsense', proxies, '10.0.0.1'],
    ['knows no address of a request in process', '', '192.0.2.1', proxies, ''],
  ])('%s', (_, peer, forwarded, trusted, expected) => {
    expect(clientAddress(peer, forwarded, trusted)).toBe(expected);
  });

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:0db8:0000::ffff:1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('counts %s as %s', (address, expected) => {
    expect(countedAs(address)).toBe(expected);
  });

  it.each(['proxy.example.com', '10.0.0.0/33', '10.0.0.0/x', ''])('refuses %s as a proxy', (range) => {
    expect(() => trustedProxies([range])).toThrow('is no address and no range');
  });
});
