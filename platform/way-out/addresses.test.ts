import { describe, expect, it } from 'vitest';
import { privateHosts, refusedAddress, withPlaces } from './addresses.ts';

describe('platform/sandbox/addresses', () => {
  const none = privateHosts([]);

  it.each([
    ...['8.8.8.8', '140.82.121.3', '2606:4700::6810:84e5'],
    // As a network without IPv4 reaches what has nothing else.
    ...['64:ff9b::808:808', '2002:808:808::1', '::ffff:8.8.8.8'],
  ])('lets the public address %s through', (address) => {
    expect(refusedAddress('host', address, none)).toBeUndefined();
  });

  it.each([
    ...[
      '0.0.0.0',
      '10.1.2.3',
      '100.64.0.1',
      '127.0.0.1',
      '127.8.8.8',
      '172.31.0.1',
      '192.168.0.1',
      '198.18.0.1',
    ],
    ...['224.0.0.1', '255.255.255.255', '::', '::1', 'fc00::1', 'fd12::1', 'ff02::1'],
    ...['::ffff:10.1.2.3', '::ffff:7f00:1', '64:ff9b::a00:1', '2002:7f00:1::'],
    // Compatible, translated, NAT64 of one's own, Teredo's server and its client.
    ...['::10.1.2.3', '::ffff:0:10.1.2.3', '64:ff9b:1::1', '2001:0:a00:1::', '2001:0:808:808::f5ff:fffe'],
  ])('refuses the private address %s', (address) => {
    expect(refusedAddress('host', address, none)).toMatch(/private address/);
  });

  it.each([
    ...['169.254.169.254', '169.254.0.1', '::ffff:169.254.169.254', '168.63.129.16', '100.100.100.200'],
    ...['fe80::1', 'fd00:ec2::254', '192.0.0.192', 'fd20:ce::254', 'fd00:42::42', '::169.254.169.254'],
    ...['64:ff9b::a9fe:a9fe', '::ffff:0:a9fe:a9fe', '2002:a9fe:a9fe::', '64:ff9b:1::a9fe:a9fe'],
    ...['2001:0:a9fe:a9fe::', '2001:0:808:808::5601:5601'],
  ])('refuses the metadata address %s, whatever is listed', (address) => {
    const all = privateHosts(['host', '0.0.0.0/0', '::/0']);
    expect(refusedAddress('host', address, all)).toMatch(/which renders never reach/);
  });

  it('opens of a registered place its port and no other', () => {
    const known = withPlaces(none, ['git.example.com:8443']);
    expect(refusedAddress('Git.Example.com', '10.1.1.1', known, 8443)).toBeUndefined();
    expect(refusedAddress('git.example.com', '10.1.1.1', known, 22)).toMatch(/private/);
    expect(refusedAddress('other.example.com', '10.1.1.1', known, 8443)).toMatch(/private/);
    expect(refusedAddress('git.example.com', '169.254.169.254', known, 8443)).toMatch(/never reach/);
  });

  it('says which listed range is none', () => {
    expect(() => privateHosts(['10.0.0.0/99'])).toThrow(/10\.0\.0\.0\/99 is no range/);
  });

  it('lets listed hosts and ranges through', () => {
    const known = privateHosts(['Git.Example.internal', '10.20.0.0/16', '192.168.7.7']);
    expect(refusedAddress('git.example.INTERNAL', '10.1.1.1', known)).toBeUndefined();
    expect(refusedAddress('other', '10.20.3.4', known)).toBeUndefined();
    expect(refusedAddress('other', '192.168.7.7', known)).toBeUndefined();
    expect(refusedAddress('other', '10.21.3.4', known)).toMatch(/private/);
  });
});
