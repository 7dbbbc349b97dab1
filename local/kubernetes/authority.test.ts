import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createAuthority, openAuthority } from './authority.ts';

const now = new Date('2026-03-01T00:00:00Z');
const authority = createAuthority(now);
const root = new X509Certificate(authority.certificatePem);
const server = { subject: { name: 'api' }, use: 'server', hosts: ['127.0.0.1', 'localhost'] } as const;

describe('local/kubernetes/authority', () => {
  it('signs certificates that its own certificate verifies', () => {
    const issued = new X509Certificate(authority.issue(server).certificatePem);
    expect(root.ca).toBe(true);
    expect(issued.ca).toBe(false);
    expect(issued.verify(root.publicKey)).toBe(true);
    expect(issued.checkIssued(root)).toBe(true);
  });

  it('names the hosts of a server and no others', () => {
    const issued = new X509Certificate(authority.issue(server).certificatePem);
    expect(issued.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(issued.checkHost('localhost')).toBe('localhost');
    expect(issued.checkHost('elsewhere')).toBeUndefined();
  });

  it('puts the groups of a client into its organizations', () => {
    const { certificatePem, keyPem } = authority.issue({
      subject: { name: 'ann', organizations: ['system:masters'] },
      use: 'client',
    });
    const issued = new X509Certificate(certificatePem);
    expect(issued.subject).toBe('O=system:masters\nCN=ann');
    expect(issued.checkPrivateKey(createPrivateKey(keyPem))).toBe(true);
  });

  it('is valid from a day ago, so that a corrected clock does no harm, for ten years', () => {
    expect(new Date(root.validFrom)).toEqual(new Date('2026-02-28T00:00:00Z'));
    expect(new Date(root.validTo).getUTCFullYear()).toBe(2036);
  });

  it('goes on with kept files', () => {
    const again = openAuthority(authority, now).issue(server);
    expect(new X509Certificate(again.certificatePem).verify(root.publicKey)).toBe(true);
  });

  it('signs nothing that another authority verifies', () => {
    const other = new X509Certificate(createAuthority(now).certificatePem);
    const issued = new X509Certificate(authority.issue(server).certificatePem);
    expect(issued.verify(other.publicKey)).toBe(false);
  });
});
