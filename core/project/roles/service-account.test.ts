import { describe, expect, it } from 'vitest';
import { isServiceAccount, serviceAccountFor } from './service-account.ts';

const target = { server: 'https://prod', namespace: 'shop', applicationNamespace: 'argocd' };
const account = (
  list: readonly { server: string; namespace?: string; defaultServiceAccount: string }[],
  more = {},
) =>
  serviceAccountFor(
    { metadata: { name: 'team' }, spec: { destinationServiceAccounts: [...list] } },
    { ...target, ...more },
  );

describe('core/project/service-account', () => {
  it('is that of the first entry that fits', () => {
    const list = [
      { server: 'https://test', namespace: '*', defaultServiceAccount: 'none' },
      { server: 'https://*', namespace: 'sh*', defaultServiceAccount: 'first' },
      { server: '*', namespace: '*', defaultServiceAccount: 'second' },
    ];
    expect(account(list)).toBe('system:serviceaccount:shop:first');
    expect(account(list, { namespace: 'other' })).toBe('system:serviceaccount:other:second');
  });

  it('is in the namespace that it names, the destination’s, or the application’s', () => {
    const entry = { server: '*', namespace: '*' };
    expect(account([{ ...entry, defaultServiceAccount: 'ops:deployer' }])).toBe(
      'system:serviceaccount:ops:deployer',
    );
    expect(account([{ ...entry, defaultServiceAccount: ' deployer ' }])).toBe(
      'system:serviceaccount:shop:deployer',
    );
    expect(account([{ ...entry, defaultServiceAccount: 'deployer' }], { namespace: '' })).toBe(
      'system:serviceaccount:argocd:deployer',
    );
  });

  it('is refused where no entry fits, or the one that does names none', () => {
    expect(() => account([])).toThrow('project team: has no service account for server https://prod');
    const bad = { server: '*', namespace: '*', defaultServiceAccount: 'a*' };
    const good = { ...bad, defaultServiceAccount: 'deployer' };
    expect(() => account([bad, good])).toThrow('has "a*" as service account');
    expect(() => account([{ server: '*', defaultServiceAccount: 'a' }])).toThrow('has no service account');
  });

  it('is refused where an earlier entry has a pattern that can’t be read, and may have been meant', () => {
    const good = { server: '*', namespace: '*', defaultServiceAccount: 'cluster-admin' };
    for (const bad of [{ server: 'https://[z-a]' }, { namespace: '[z-a]' }]) {
      expect(() => account([{ ...good, ...bad }, good])).toThrow(
        '[z-a]" in destinationServiceAccounts, which is no glob',
      );
    }
    expect(account([{ ...good, server: 'https://test', namespace: '[z-a]' }, good])).toBe(
      'system:serviceaccount:shop:cluster-admin',
    );
  });

  it.each(['', 'a b', 'a:b:c', ':a', 'a:', 'a/b', 'a*', '!a', 'a[b]', 'a{b}', 'a\\b'])(
    'takes %j for no account',
    (text) => {
      expect(isServiceAccount(text)).toBe(false);
    },
  );
});
