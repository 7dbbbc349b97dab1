import { describe, expect, it } from 'vitest';
import { credentialsFromClusterSecret } from './cluster-secret.ts';

const server = 'https://east.test';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('cluster/cluster-secret', () => {
  it('decodes certificates and keeps the token', () => {
    const config = {
      bearerToken: 'abc',
      tlsClientConfig: {
        insecure: false,
        serverName: 'api',
        caData: base64('CA'),
        certData: '',
        keyData: '',
      },
    };
    expect(credentialsFromClusterSecret('east', server, JSON.stringify(config))).toEqual({
      name: 'east',
      server,
      tls: { caData: 'CA', insecure: false, serverName: 'api' },
      bearerToken: 'abc',
    });
  });

  it('takes the server as the name where there is none, and an empty config', () => {
    expect(credentialsFromClusterSecret('', server, '')).toMatchObject({ name: server, server, tls: {} });
  });

  it.each([
    ['awsAuthConfig', { awsAuthConfig: { clusterName: 'x' } }],
    ['execProviderConfig', { execProviderConfig: { command: 'x' } }],
    ['proxyUrl', { proxyUrl: 'http://p' }],
  ])('says that %s is not supported yet', (name, config) => {
    const act = (): unknown => credentialsFromClusterSecret('east', server, JSON.stringify(config));
    expect(act).toThrow(new RegExp(`cluster secret east uses ${name}.*not supported yet`));
  });

  it('never quotes a config that it can not read', () => {
    const act = (): unknown => credentialsFromClusterSecret('east', server, '{"bearerToken": s3cr3t');
    expect(act).toThrow('cluster secret east has a config that is not JSON');
    expect(act).not.toThrow('s3cr3t');
  });
});
