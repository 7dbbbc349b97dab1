import { describe, expect, it } from 'vitest';
import { ClusterCredentials } from '../request/credentials.ts';
import { credentialsFromKubeconfig } from './kubeconfig.ts';

const pem = '-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n';
const base64 = Buffer.from(pem).toString('base64');

function kubeconfig(cluster: object, user: object): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'main',
    clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443', ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'main', context: { cluster: 'c', user: 'u' } }],
  });
}

describe('cluster/kubeconfig', () => {
  it('reads certificates as PEM texts and survives storage as JSON', () => {
    const user = { 'client-certificate-data': base64, 'client-key-data': base64 };
    const read = credentialsFromKubeconfig(kubeconfig({ 'certificate-authority-data': base64 }, user));
    expect(read).toMatchObject({
      name: 'main',
      server: 'https://10.0.0.1:6443',
      tls: { caData: pem, certData: pem, keyData: pem },
    });
    expect(ClusterCredentials.parse(JSON.parse(JSON.stringify(read)))).toEqual(read);
  });

  it.each([
    ['a token', { token: 'abc' }, { bearerToken: 'abc' }],
    ['user and password', { username: 'me', password: 'pw' }, { username: 'me', password: 'pw' }],
    ['a command', { exec: { command: 'aws', args: ['eks'] } }, { exec: { command: 'aws', args: ['eks'] } }],
    ['an impersonated user', { as: 'boss' }, { impersonate: { user: 'boss' } }],
  ])('reads %s', (_, user, expected) => {
    expect(credentialsFromKubeconfig(kubeconfig({}, user))).toMatchObject(expected);
  });

  it('reads the settings of the server check', () => {
    const read = credentialsFromKubeconfig(
      kubeconfig({ 'insecure-skip-tls-verify': true, 'tls-server-name': 'api.test' }, {}),
    );
    expect(read.tls).toMatchObject({ insecure: true, serverName: 'api.test' });
  });

  it.each([
    ['an absent context', kubeconfig({}, {}), { context: 'other' }, 'has no context "other"; it has main'],
    ['a proxy', kubeconfig({ 'proxy-url': 'http://p' }, {}), {}, 'sets a proxy-url'],
    ['an old provider', kubeconfig({}, { 'auth-provider': { name: 'gcp' } }), {}, 'uses auth-provider "gcp"'],
    [
      'an address with a user',
      kubeconfig({ server: 'https://me:pw@host' }, {}),
      {},
      'user names do not belong',
    ],
    ['a missing file', kubeconfig({ 'certificate-authority': '/nonexistent/ca' }, {}), {}, "can't be read"],
    ['text of another kind', '{ not yaml', {}, 'is not valid YAML'],
  ])('refuses %s with a remedy', (_, text, options, words) => {
    expect(() => credentialsFromKubeconfig(text, options)).toThrow(words);
  });

  it('never quotes the file', () => {
    const act = (): unknown => credentialsFromKubeconfig(`token: s3cr3t\n  x: [`);
    expect(act).toThrow('kubeconfig is not valid');
    expect(act).not.toThrow('s3cr3t');
  });
});
