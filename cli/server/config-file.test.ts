import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ConfigFile,
  configPath,
  readConfig,
  withLogin,
  withoutContext,
  withoutToken,
  writeConfig,
} from './config-file.ts';

const login = {
  name: 'local',
  server: 'localhost:8080',
  plaintext: true,
  insecure: false,
  token: 'secret-token',
};
const empty = ConfigFile.parse({});

describe('cli/config-file', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keelson-config-'));
    path = join(folder, 'deep', 'config');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is found by flag, then by variable, then in the home folder', () => {
    const env = { KEELSON_CONFIG: '/a', HOME: '/home/me' };
    expect(configPath(env, '/b')).toBe('/b');
    expect(configPath(env, undefined)).toBe('/a');
    expect(configPath({ HOME: '/home/me' }, undefined)).toBe('/home/me/.config/keelson/config');
    expect(configPath({ HOME: '/home/me', XDG_CONFIG_HOME: '/x' }, undefined)).toBe('/x/keelson/config');
  });

  it('is empty when it does not exist', async () => {
    expect(await readConfig(path)).toEqual({ 'current-context': '', contexts: [], servers: [], users: [] });
  });

  it('keeps a login, readable by its owner only', async () => {
    await writeConfig(path, withLogin(empty, login));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readConfig(path)).toEqual({
      'current-context': 'local',
      contexts: [{ name: 'local', server: 'localhost:8080', user: 'local' }],
      servers: [{ server: 'localhost:8080', 'plain-text': true, insecure: false }],
      users: [{ name: 'local', 'auth-token': 'secret-token' }],
    });
  });

  it('renews a login in place and keeps fields that it does not know', () => {
    const known = withLogin(empty, login);
    const extended = { ...known, servers: known.servers.map((one) => ({ ...one, 'grpc-web': true })) };
    const renewed = withLogin(extended, { ...login, token: 'other' });
    expect(renewed.users).toEqual([{ name: 'local', 'auth-token': 'other' }]);
    expect(renewed.servers).toEqual([
      { server: 'localhost:8080', 'plain-text': true, insecure: false, 'grpc-web': true },
    ]);
  });

  it('forgets a token, and a whole context with the server that nobody else uses', () => {
    const known = withLogin(withLogin(empty, login), { ...login, name: 'second' });
    expect(withoutToken(known, 'second').users[1]).toEqual({ name: 'second' });
    const left = withoutContext(known, 'second');
    expect(left['current-context']).toBe('');
    expect(left.contexts.map(({ name }) => name)).toEqual(['local']);
    expect(left.servers).toHaveLength(1);
    expect(withoutContext(left, 'local')).toEqual({
      'current-context': '',
      contexts: [],
      servers: [],
      users: [],
    });
  });

  it('is refused when others can read it', async () => {
    await writeConfig(path, withLogin(empty, login));
    await chmod(path, 0o644);
    await expect(readConfig(path)).rejects.toThrow(`run chmod 600 ${path}`);
  });

  it('never quotes a file that it cannot understand', async () => {
    path = join(folder, 'config');
    await writeFile(path, 'users: [{auth-token: canary\n', { mode: 0o600 });
    await expect(readConfig(path)).rejects.toThrow(
      'it is not YAML; repair it, or delete it, which forgets all contexts, and log in again',
    );
    await writeFile(path, 'users: [{auth-token: {canary: 1}, name: a}]\n');
    await expect(readConfig(path)).rejects.toThrow('users.0.auth-token is not as expected');
  });
});
