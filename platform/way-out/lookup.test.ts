import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { anyPrivate, privateHosts } from './addresses.ts';
import { guardedLookup, type Resolve, refuseBeforeProxy } from './lookup.ts';

const none = privateHosts([]);

/** Names as somebody's DNS has them; what it doesn't know takes the look-up down. */
const names: Readonly<Record<string, readonly string[]>> = {
  'mixed.example.com': ['10.0.0.1', '192.0.2.7', '169.254.169.254'],
  'inside.example.com': ['10.0.0.1'],
  'metadata.example.com': ['169.254.169.254'],
  'public.example.com': ['192.0.2.7'],
};
const resolve: Resolve = async (host) => {
  const found = names[host];
  if (found === undefined) throw new Error(`ENOTFOUND ${host}`);
  return found.map((address) => ({ address, family: 4 }));
};

const lookUp = (host: string, all: boolean): Promise<string | LookupAddress[]> =>
  new Promise((done, fail) =>
    guardedLookup(none, 443, resolve)(host, { all }, (error, address) =>
      error === null ? done(address) : fail(error),
    ),
  );

describe('platform/way-out/lookup', () => {
  it('of several addresses hands out none that may not be connected to', async () => {
    expect(await lookUp('mixed.example.com', true)).toEqual([{ address: '192.0.2.7', family: 4 }]);
    expect(await lookUp('mixed.example.com', false)).toBe('192.0.2.7');
  });

  it.each([
    ['inside.example.com', 'inside.example.com (10.0.0.1) is a private address'],
    ['metadata.example.com', 'metadata.example.com (169.254.169.254) is an address of the machine'],
  ])('refuses the name %s', async (host, words) => {
    await expect(lookUp(host, true)).rejects.toThrow(words);
  });

  it.each([
    '169.254.169.254',
    '::ffff:a9fe:a9fe',
    'metadata',
    'Metadata.Google.Internal.',
    'instance-data.ec2.internal',
    'metadata.example.com',
    'mixed.example.com',
  ])('asks no proxy for %s, whatever is registered', async (host) => {
    await expect(refuseBeforeProxy(host, anyPrivate, 80, resolve)).rejects.toThrow(/address of the machine/);
  });

  it('leaves names that only a proxy knows to the proxy, and private ones where they are open', async () => {
    await refuseBeforeProxy('known-to-the-proxy.example.com', none, 80, resolve);
    await refuseBeforeProxy('public.example.com', none, 80, resolve);
    await refuseBeforeProxy('inside.example.com', anyPrivate, 80, resolve);
    await expect(refuseBeforeProxy('inside.example.com', none, 80, resolve)).rejects.toThrow(/private/);
    await expect(refuseBeforeProxy('10.0.0.1', none, 80, resolve)).rejects.toThrow(/private/);
  });
});
