import { describe, expect, it } from 'vitest';
import { ConfigFile, withLogin } from './config-file.ts';
import { parseServer, resolveConnection } from './connection.ts';

const base = { plaintext: false, insecure: false };
const first = withLogin(ConfigFile.parse({}), {
  ...base,
  name: 'a',
  server: 'a:443',
  token: 'token-a',
  insecure: true,
});
const config = withLogin(first, { ...base, name: 'b', server: 'b:8080', token: 'token-b', plaintext: true });

describe('cli/connection', () => {
  it('reads addresses with and without a scheme', () => {
    expect(parseServer('localhost:8080')).toEqual({ address: 'localhost:8080', plaintext: undefined });
    expect(parseServer('http://localhost:8080/')).toEqual({ address: 'localhost:8080', plaintext: true });
    expect(parseServer('https://example.com/keelson/')).toEqual({
      address: 'example.com/keelson',
      plaintext: false,
    });
  });

  it.each(['', 'http://', 'a b', 'user:canary@host', 'host?x=1', 'ftp://host'])(
    'refuses the address "%s"',
    (text) => {
      expect(() => parseServer(text)).toThrow('server address cannot be read');
    },
  );

  it('uses the current context', () => {
    expect(resolveConnection({}, {}, config)).toEqual({
      server: 'http://b:8080',
      token: 'token-b',
      tokenFrom: 'login',
      login: 'keelson login http://b:8080 --name b',
      insecure: false,
    });
  });

  it('uses a named context, and says which there are when the name is unknown', () => {
    expect(resolveConnection({ context: 'a' }, {}, config)).toMatchObject({
      server: 'https://a:443',
      token: 'token-a',
      login: 'keelson login https://a:443 --name a --insecure',
      insecure: true,
    });
    expect(() => resolveConnection({ context: 'c' }, {}, config)).toThrow('use one of a, b');
  });

  it('lets flags win over variables, and own variables over foreign ones', () => {
    const env = {
      KEELSON_SERVER: 'k:1',
      ARGOCD_SERVER: 'x:1',
      KEELSON_AUTH_TOKEN: 'tk',
      ARGOCD_AUTH_TOKEN: 'tx',
    };
    expect(resolveConnection({}, env, config)).toMatchObject({
      server: 'https://k:1',
      token: 'tk',
      tokenFrom: 'KEELSON_AUTH_TOKEN',
    });
    expect(resolveConnection({ server: 'f:1', authToken: 'tf' }, env, config)).toMatchObject({
      server: 'https://f:1',
      token: 'tf',
    });
    const foreign = { ARGOCD_SERVER: 'x:1', ARGOCD_AUTH_TOKEN: 'tx' };
    expect(resolveConnection({}, foreign, config)).toMatchObject({ server: 'https://x:1', token: 'tx' });
  });

  it('takes the stored session of a server that is named, and never that of another', () => {
    expect(resolveConnection({ server: 'a:443' }, {}, config)).toMatchObject({
      token: 'token-a',
      insecure: true,
    });
    expect(resolveConnection({ server: 'evil:443' }, {}, config).token).toBeUndefined();
    expect(resolveConnection({ server: 'evil:443', context: 'a' }, {}, config).token).toBeUndefined();
  });

  it('says how to name a server when none is known', () => {
    expect(() => resolveConnection({}, {}, ConfigFile.parse({}))).toThrow('run keelson login SERVER');
  });
});
