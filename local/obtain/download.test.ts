import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../ports.ts';
import { createDownloader, readChecksum } from './download.ts';

const program = 'the program';
const digest = '73ad8a7be48f26a0d6d8ee0a1e1b8a6f2d6dc6a9a3d62a6d0de5e3b2f1f8f1a0';
const folder = mkdtempSync(join(tmpdir(), 'keelson-download-'));
const output = join(folder, 'tool');
let server: Server;
let origin: string;
let requests = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    requests += 1;
    if (request.url === '/tool') response.end(program);
    else if (request.url === '/sums') response.end(`${sha256OfProgram}  tool\n${digest}  other\n`);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const sha256OfProgram = '50fda23bf0a5115d4f893dc10d122c10a4705f47688f5620e80611c092d4053e';
const quietly = { signal: new AbortController().signal, progress: () => {} };
const fetchTool = (parts: { url?: string; sha256?: string | null; checksumUrl?: string | null }) =>
  createDownloader().fetchTool(
    { url: `${origin}/tool`, sha256: null, checksumUrl: null, member: null, ...parts },
    output,
    quietly,
  );

describe('local/download', () => {
  it('places a file whose digest is the pinned one', async () => {
    await fetchTool({ sha256: sha256OfProgram });
    expect(readFileSync(output, 'utf8')).toBe(program);
  });

  it("trusts the publisher's checksum file where no digest is pinned", async () => {
    await fetchTool({ checksumUrl: `${origin}/sums` });
    expect(readFileSync(output, 'utf8')).toBe(program);
  });

  it('refuses a file with another digest', async () => {
    await expect(fetchTool({ sha256: digest })).rejects.toThrow(
      /has the digest .* instead of .* and is not used/,
    );
  });

  it('refuses a file without any known checksum, unseen', async () => {
    const before = requests;
    await expect(fetchTool({})).rejects.toThrow('has no known checksum');
    expect(requests).toBe(before);
  });

  it('names the address that answered with an error', async () => {
    await expect(fetchTool({ url: `${origin}/gone`, sha256: digest })).rejects.toThrow('/gone answered 404');
  });

  it('does not ask a host again that could not be reached', async () => {
    const downloader = createDownloader();
    const port = await freePort();
    const late = { url: `http://127.0.0.1:${port}/tool`, sha256: digest, checksumUrl: null, member: null };
    const refusal = `127.0.0.1:${port} cannot be reached`;
    await expect(downloader.fetchTool(late, output, quietly)).rejects.toThrow(refusal);
    let asked = 0;
    const other = createServer((_request, response) => {
      asked += 1;
      response.end();
    });
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    await expect(downloader.fetchTool(late, output, quietly)).rejects.toThrow(refusal);
    other.close();
    expect(asked).toBe(0);
  });

  it.each([
    ['a bare digest', digest],
    ['lines of digest and name', `${'0'.repeat(64)}  other.tar.gz\n${digest}  tool.tar.gz`],
    ['names marked as binary', `${digest} *tool.tar.gz`],
  ])('reads a checksum file with %s', (_form, text) => {
    const download = {
      url: 'https://host.invalid/a/tool.tar.gz',
      sha256: null,
      checksumUrl: null,
      member: null,
    };
    expect(readChecksum(text, download)).toBe(digest);
  });

  it('takes no digest of another file', () => {
    const download = { url: 'https://host.invalid/tool', sha256: null, checksumUrl: null, member: null };
    expect(() => readChecksum(`${digest}  other`, download)).toThrow('does not list tool');
  });
});
