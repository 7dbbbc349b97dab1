import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAuthority } from '../../local/kubernetes/authority.ts';
import { hostPlatform } from '../../local/obtain/toolchain.ts';
import { type ToolName, toolPath } from '../../local/obtain/tools.ts';
import { readToolsLock } from '../../local/obtain/tools-lock.ts';

const pieceBytes = 64 * 1024;

/** A server of releases, packed as their publishers pack them, that gives no more than a line of some width does. */
export type ReleaseServer = {
  /** What a program needs to fetch its tools from here. */
  readonly env: Readonly<Record<string, string>>;
  /** Bytes of all releases. */
  readonly bytes: number;
  /** Tools that have no official release for this platform: Go builds them. */
  readonly unpublished: readonly string[];
  stop(): Promise<void>;
};

/** Serves the tools that `names` has, of this machine, over TLS at so many megabits a second in all. */
export async function startReleaseServer(
  folder: string,
  names: readonly ToolName[],
  megabits: number,
): Promise<ReleaseServer> {
  const lock = readToolsLock();
  const files = new Map<string, Buffer>();
  const unpublished: string[] = [];
  for (const name of names) {
    const release = lock.tools[name]?.downloads[hostPlatform()];
    if (release === undefined || release === null) unpublished.push(name);
    else files.set(name, packed(folder, name, await toolPath(name), release.member));
  }

  const authority = createAuthority();
  const pair = authority.issue({ subject: { name: 'releases' }, use: 'server', hosts: ['127.0.0.1'] });
  const line = createLine(megabits);
  const server = createServer({ cert: pair.certificatePem, key: pair.keyPem }, (request, response) => {
    const content = files.get((request.url ?? '').slice(1));
    if (content === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-length': content.length });
    void line.send(content, (piece) => response.write(piece)).then(() => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const authorityFile = join(folder, 'authority.pem');
  writeFileSync(authorityFile, authority.certificatePem);
  const tools = Object.entries(lock.tools).map(([name, tool]) => {
    const content = files.get(name);
    const release = tool.downloads[hostPlatform()];
    if (content === undefined || release == null) return [name, tool];
    const url = `https://127.0.0.1:${port}/${name}`;
    const sha256 = createHash('sha256').update(content).digest('hex');
    return [name, { ...tool, downloads: { [hostPlatform()]: { ...release, url, sha256 } } }];
  });
  const lockFile = join(folder, 'tools.lock.json');
  writeFileSync(lockFile, JSON.stringify({ ...lock, tools: Object.fromEntries(tools) }));
  return {
    env: { KEELSON_TOOLS_LOCK: lockFile, NODE_EXTRA_CA_CERTS: authorityFile },
    bytes: [...files.values()].reduce((sum, { length }) => sum + length, 0),
    unpublished,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A program as its release has it: in an archive where `member` says its place there, as it is otherwise. */
function packed(folder: string, name: string, program: string, member: string | null): Buffer {
  if (member === null) return readFileSync(program);
  const place = join(folder, name, member);
  mkdirSync(dirname(place), { recursive: true });
  copyFileSync(program, place);
  const archive = join(folder, `${name}.tar.gz`);
  execFileSync('tar', ['-czf', archive, '-C', join(folder, name), member]);
  return readFileSync(archive);
}

/** One line for all that is sent: each piece takes its time of it, one after the other. */
function createLine(megabits: number) {
  const millisecondsOf = (bytes: number): number => (bytes * 8) / (megabits * 1000);
  let freeAt = 0;
  return {
    async send(content: Buffer, write: (piece: Buffer) => void): Promise<void> {
      for (let at = 0; at < content.length; at += pieceBytes) {
        const piece = content.subarray(at, at + pieceBytes);
        freeAt = Math.max(freeAt, performance.now()) + millisecondsOf(piece.length);
        const pause = freeAt - performance.now();
        if (pause > 1) await sleep(pause);
        write(piece);
      }
    },
  };
}
