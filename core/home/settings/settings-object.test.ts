import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { encodeBase64 } from '../../object/manifest/secret.ts';
import { readAccounts } from './accounts.ts';
import { inPrecedence } from './precedence.ts';
import { readSettingsObject } from './settings-object.ts';

const object = (kind: string, name: string, fields: Record<string, unknown> = {}, labels = {}): Manifest => ({
  ...{
    apiVersion: 'v1',
    kind,
    metadata: { name, namespace: 'argocd', uid: 'u', resourceVersion: '7', labels },
  },
  ...fields,
});
const typed = (type: string) => ({ 'argocd.argoproj.io/secret-type': type });

describe('objects that set an installation', () => {
  it.each([
    ['ConfigMap', 'argocd-cm', {}, 'words'],
    ['ConfigMap', 'argocd-cmd-params-cm', {}, 'words'],
    ['ConfigMap', 'argocd-rbac-cm', {}, 'words'],
    ['ConfigMap', 'argocd-cmp-cm', {}, 'words'],
    ['ConfigMap', 'argocd-ssh-known-hosts-cm', {}, 'known-hosts'],
    ['ConfigMap', 'argocd-tls-certs-cm', {}, 'certificates'],
    ['ConfigMap', 'argocd-gpg-keys-cm', {}, 'gpg-keys'],
    ['ConfigMap', 'constructor', { 'app.kubernetes.io/part-of': 'argocd' }, undefined],
    ['Secret', 'argocd-secret', {}, 'accounts'],
    ['Secret', 'argocd-cm', {}, undefined],
    ['Secret', 'any', typed('repository'), 'repository'],
    ['Secret', 'any', typed('repo-creds'), 'template'],
    ['Secret', 'any', typed('repository-write'), 'kept'],
    ['Secret', 'any', typed('repo-write-creds'), 'kept'],
    ['Secret', 'any', typed('cluster'), 'cluster'],
    ['Secret', 'any', { 'app.kubernetes.io/part-of': 'argocd' }, 'kept'],
    ['Secret', 'any', typed('toString'), undefined],
    ['Service', 'argocd-cm', {}, undefined],
  ])('are told by kind, name and label: %s %s %j', (kind, name, labels, role) => {
    expect(readSettingsObject(object(kind, name, {}, labels))?.role).toBe(role);
  });

  it('are read with their values in the clear, naming what is no text', () => {
    const data = { url: encodeBase64('https://git.example.com'), bytes: '/w==' };
    expect(readSettingsObject(object('Secret', 'a', { data }, typed('repository')))).toMatchObject({
      values: { url: 'https://git.example.com' },
      unreadable: ['bytes'],
      resourceVersion: '7',
    });
    const binaryData = { 'policy.csv': 'AA==' };
    expect(readSettingsObject(object('ConfigMap', 'argocd-rbac-cm', { binaryData }))).toMatchObject({
      values: {},
      unreadable: ['policy.csv'],
    });
  });

  it('count in the order of their age, and of their names', () => {
    const rivals = [
      { name: 'b', createdAt: '2026-01-02T00:00:00Z', usable: true },
      { name: 'c', createdAt: '2026-01-01T00:00:00Z', usable: true },
      { name: 'a', createdAt: '2026-01-02T00:00:00Z', usable: true },
      { name: 'd', createdAt: '2025-01-01T00:00:00Z', usable: false },
    ];
    expect(inPrecedence(rivals).map(({ name }) => name)).toEqual(['c', 'a', 'b', 'd']);
  });
});

describe('argocd-secret', () => {
  const hash = `$2a$10$${'x'.repeat(53)}`;

  it('is read as the reference writes it, also with line ends', () => {
    const values = {
      'admin.password': `${hash}\n`,
      'admin.passwordMtime': '2026-11-30T10:00:00Z',
      'server.secretkey': 'key\n',
    };
    expect(readAccounts(values)).toEqual({
      accounts: { passwordHash: hash, passwordTime: '2026-11-30T10:00:00Z', serverSecret: 'key' },
      faults: [],
    });
    expect(readAccounts({})).toEqual({ accounts: {}, faults: [] });
  });

  it('is not believed with a password in the clear, which no fault repeats', () => {
    const { faults } = readAccounts({ 'admin.password': 's3cr3t', 'admin.passwordMtime': 'yesterday' });
    expect(faults).toEqual([
      'admin.password: is no hash of bcrypt',
      'admin.passwordMtime: is no time of RFC 3339',
    ]);
  });
});
