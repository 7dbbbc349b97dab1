/**
 * What exact numbers cost in reading and writing JSON, beside the plain way: a list of 1,000 objects as an API server
 * answers, and a file of 10 MB; each by its text alone, and as it comes, from a socket or a disk. The thread's
 * own time on a processor counts, as others who use the machine change it little.
 * Run: node bench/json.ts [rounds=40]
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { request } from 'undici';
import { formatJson, parseJson } from '../core/object/json/json.ts';
import { quantile } from './support/figures.ts';

const [rounds = 40] = process.argv.slice(2).map(Number);

/** An object with what makes live ones long: owners of its fields, environment, digests of images. */
function deployment(position: number): object {
  const owned = Object.fromEntries(
    Array.from({ length: 120 }, (_, field) => [`f:field${field}`, { '.': {}, 'f:value': {} }]),
  );
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: `web-${position}`,
      resourceVersion: String(100_000 + position),
      generation: 3,
      managedFields: [{ manager: 'keelson', operation: 'Apply', fieldsV1: owned }],
    },
    spec: {
      replicas: 3,
      image: `registry/web@sha256:${'3e9'.repeat(20)}`,
      env: Array.from({ length: 40 }, (_, place) => ({ name: `VARIABLE_${place}`, value: `value ${place}` })),
    },
  };
}

const listOf = (length: number): string =>
  JSON.stringify({ items: Array.from({ length }, (_, position) => deployment(position)) });
const list = listOf(1000);
const file = listOf(Math.ceil(10_000_000 / (list.length / 1000)));
const whole = '9007199254740993';

const folder = await mkdtemp(join(tmpdir(), 'keelson-bench-json-'));
const path = join(folder, 'list.json');
await writeFile(path, file);
const server = createServer((_, reply) => reply.setHeader('content-type', 'application/json').end(list));
// On a busy machine a connection is idle for longer than usual.
server.keepAliveTimeout = 0;
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

/** How a text is come by, its megabytes aside. */
type Source = { readonly size: number; readonly text: () => string | Promise<string> };

const at = (text: string): Source => ({ size: text.length, text: () => text });

const sources: Readonly<Record<string, Source>> = {
  'list of 1,000 objects': at(list),
  'the list, from a socket': { size: list.length, text: async () => (await request(url)).body.text() },
  'file of 10 MB': at(file),
  'the file, from a disk': { size: file.length, text: () => readFile(path, 'utf8') },
  'the list, digits in one text': at(list.replace('"value 1"', `"a: ${whole}"`)),
  'the list, one such number': at(list.replace('"replicas":3', `"replicas":${whole}`)),
  'the list, one in each object': at(list.replaceAll('"replicas":3', `"replicas":${whole}`)),
};

// Memory of the work before is not to be cleared at the cost of the work that is measured.
setFlagsFromString('--expose-gc');
const clearMemory: () => void = runInNewContext('gc');

async function milliseconds({ text }: Source, work: (text: string) => unknown): Promise<number> {
  clearMemory();
  const started = process.threadCpuUsage();
  work(await text());
  const { user, system } = process.threadCpuUsage(started);
  return (user + system) / 1000;
}

process.stdout.write(
  `load ${loadavg()[0]?.toFixed(1)}, ${rounds} rounds, ms of the thread on a processor, the fastest tenth\n`,
);
process.stdout.write(`${''.padEnd(30)}    MB   plain   exact   ratio\n`);
for (const [name, source] of Object.entries(sources)) {
  const plain: number[] = [];
  const exact: number[] = [];
  // In turn, each first in every other round, since the machine's speed drifts and the second one meets warm caches.
  for (let round = 0; round < rounds; round++) {
    const both = [
      async () => plain.push(await milliseconds(source, (text) => JSON.stringify(JSON.parse(text)))),
      async () => exact.push(await milliseconds(source, (text) => formatJson(parseJson(text)))),
    ];
    for (const measure of round % 2 === 0 ? both : both.toReversed()) await measure();
  }
  const [before, after] = [quantile(plain, 0.1), quantile(exact, 0.1)];
  const cells = [
    (source.size / 1e6).toFixed(1),
    before.toFixed(1),
    after.toFixed(1),
    (after / before).toFixed(3),
  ];
  process.stdout.write(
    `${name.padEnd(30)}${cells.map((cell, place) => cell.padStart(place === 0 ? 6 : 8)).join('')}\n`,
  );
}
server.close();
await rm(folder, { recursive: true });
