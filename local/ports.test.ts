import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { freePort, isFree, rememberedPort } from './ports.ts';

const folder = mkdtempSync(join(tmpdir(), 'keelson-ports-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('local/ports', () => {
  it('gives different ports to those who ask at the same time', async () => {
    const ports = await Promise.all(Array.from({ length: 20 }, freePort));
    expect(new Set(ports).size).toBe(20);
  });

  it('gives a role the port it had before, and each role its own', async () => {
    const [api, etcd] = await Promise.all([rememberedPort(folder, 'api'), rememberedPort(folder, 'etcd')]);
    expect(api).not.toBe(etcd);
    expect(await rememberedPort(folder, 'api')).toBe(api);
    expect(await rememberedPort(folder, 'etcd')).toBe(etcd);
  });

  it('gives another port when somebody else listens on the remembered one', async () => {
    const port = await rememberedPort(folder, 'busy');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    expect(await isFree(port)).toBe(false);
    expect(await rememberedPort(folder, 'busy')).not.toBe(port);
    server.close();
  });
});
