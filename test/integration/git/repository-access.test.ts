import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseConnection } from '../../../db/client.ts';
import { followAccessChange } from '../../../db/queries/repository/access-change.ts';
import { saveCertificate, sshRow, tlsRow } from '../../../db/queries/repository/certificate.ts';
import {
  deleteRepository,
  ensureRepository,
  listRepositories,
  saveRepository,
} from '../../../db/queries/repository/repository.ts';
import { repositoryAccess } from '../../../db/queries/repository/repository-access.ts';
import { saveTemplate } from '../../../db/queries/repository/repository-template.ts';
import { repositories } from '../../../db/schema/repository.ts';
import { createKeyring, generateKey } from '../../../platform/encryption.ts';
import { openTestDatabase } from '../../support/keelson/database.ts';

const keyring = createKeyring(generateKey());
let connection: DatabaseConnection;

beforeAll(async () => {
  connection = await openTestDatabase();
});

afterAll(async () => {
  await connection?.close();
});

const git = { type: 'git', name: '', project: '' } as const;
const hostKey = {
  keyType: 'ssh-ed25519',
  key: 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl',
};

function passwordOf(url: string, project = 'default'): Promise<string | undefined> {
  return repositoryAccess(connection.db, keyring, url, project).then(
    ({ credentials }) => credentials.password,
  );
}

describe('db/queries/repository-access', () => {
  test('finds a repository by any way to write its address, the project’s own first', async () => {
    const { db } = connection;
    const url = 'https://git.example.com/team/deploy.git';
    await ensureRepository(db, { url: 'https://GIT.example.com/team/deploy', type: 'git' });
    await saveRepository(db, keyring, { ...git, url, credentials: { password: 'of all' } });
    await saveRepository(db, keyring, {
      ...git,
      url,
      project: 'team-a',
      credentials: { password: 'of team-a' },
    });
    for (const written of [
      url,
      'https://git.example.com/Team/deploy',
      'https://me@git.example.com/team/deploy/',
    ]) {
      expect(await passwordOf(written)).toBe('of all');
      expect(await passwordOf(written, 'team-a')).toBe('of team-a');
      expect(await passwordOf(written, 'team-b')).toBe('of all');
    }
    const listed = (await listRepositories(db)).map((row) => row.url);
    expect(listed, 'the way in which only an application writes it is not listed').toEqual([url, url]);
  });

  test('completes a repository without credentials from the longest prefix, and no other', async () => {
    const { db } = connection;
    const own = 'https://git.example.com/closed/own';
    const bare = 'https://git.example.com/closed/bare';
    await saveTemplate(db, keyring, {
      url: 'https://git.example.com',
      type: 'git',
      credentials: { password: 'host' },
    });
    await saveTemplate(db, keyring, {
      url: 'https://git.example.com/closed/',
      type: 'git',
      credentials: { password: 'folder', proxy: 'http://proxy:3128', insecure: true },
    });
    await saveRepository(db, keyring, { ...git, url: own, credentials: { username: 'me' } });
    await saveRepository(db, keyring, { ...git, url: bare, credentials: { enableLfs: true } });
    expect(await passwordOf(own)).toBeUndefined();
    expect(await passwordOf('https://git.example.com/open/x')).toBe('host');
    expect((await repositoryAccess(db, keyring, bare, 'default')).credentials).toEqual({
      password: 'folder',
      proxy: 'http://proxy:3128',
      enableLfs: true,
    });
    expect(await passwordOf('http://git.example.com/open/x')).toBeUndefined();
  });

  test('brings the host keys for SSH and the bundle of the host for TLS', async () => {
    const { db } = connection;
    await saveCertificate(db, sshRow({ serverName: 'git.example.com', ...hostKey }));
    await saveCertificate(db, tlsRow({ serverName: 'Git.example.com', pem: 'PEM' }));
    const ssh = await repositoryAccess(db, keyring, 'git@git.example.com:a/b.git', 'default');
    expect(ssh.knownHosts).toBe(`git.example.com ssh-ed25519 ${hostKey.key}\n`);
    expect(ssh.caBundle).toBeUndefined();
    const https = await repositoryAccess(db, keyring, 'https://git.example.com:8443/a/b.git', 'default');
    expect(https).toMatchObject({ caBundle: 'PEM', knownHosts: '' });
  });

  test('makes the repositories that a change concerns due at once', async () => {
    const { db } = connection;
    await db.update(repositories).set({ nextDueAt: new Date('2100-01-01'), failures: 3 });
    await followAccessChange(db, (url) => url.includes('/closed/'));
    const rows = await db.select().from(repositories);
    for (const row of rows) {
      const concerned = row.url.includes('/closed/');
      expect(row.nextDueAt.getFullYear() < 2100, row.url).toBe(concerned);
      expect(row.failures).toBe(concerned ? 0 : 3);
    }
  });

  test('forgets what was registered and keeps following what applications name', async () => {
    const { db } = connection;
    const url = 'https://git.example.com/named/deploy';
    await saveRepository(db, keyring, { ...git, url, credentials: { password: 'x' } });
    expect(await deleteRepository(db, `${url}.git`)).toBe(true);
    expect(await deleteRepository(db, url)).toBe(false);
    expect(await db.select().from(repositories).where(eq(repositories.url, url))).toEqual([]);
  });
});
