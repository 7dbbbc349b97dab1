import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** A package that a registry has, with its files. */
export type NpmPackage = {
  readonly name: string;
  readonly version: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
};

/** An npm registry of one package on loopback. */
export type NpmRegistry = { readonly url: string; readonly asked: string[]; stop(): Promise<void> };

/** Starts a registry that npm can install the package from. */
export async function startNpmRegistry({ name, version, bin = {}, files }: NpmPackage): Promise<NpmRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'keelson-npm-'));
  const all = { 'package.json': JSON.stringify({ name, version, bin }), ...files };
  for (const [file, text] of Object.entries(all)) {
    const path = join(folder, 'package', file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { mode: 0o755 });
  }
  const archive = join(folder, 'package.tgz');
  await promisify(execFile)('tar', ['-czf', archive, '-C', folder, 'package']);
  const content = await readFile(archive);
  await rm(folder, { recursive: true });

  const asked: string[] = [];
  const tarball = `/${name}/-/${name}-${version}.tgz`;
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    asked.push(path);
    if (path === tarball) return void response.end(content);
    if (path !== `/${name}`) return void response.writeHead(404).end('{}');
    const integrity = `sha512-${createHash('sha512').update(content).digest('base64')}`;
    const dist = { tarball: `${url}${tarball}`, integrity };
    const versions = { [version]: { name, version, bin, dist } };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ name, 'dist-tags': { latest: version }, versions }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    asked,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
