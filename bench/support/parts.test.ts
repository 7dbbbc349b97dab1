import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const parts = fileURLToPath(new URL('parts.ts', import.meta.url));

/** A benchmark whose second part is still starting when it is interrupted. */
const benchmark = `
import { createParts } from '${parts}';
import { setTimeout as sleep } from 'node:timers/promises';
const parts = createParts(() => console.log('folder removed'));
await parts.start(async () => ({ stop: async () => console.log('first stopped') }));
const second = parts.start(async () => {
  console.log('starting');
  await sleep(500);
  return { stop: async () => { await sleep(100); console.log('second stopped'); } };
});
await second;
try {
  await parts.start(async () => ({ stop: async () => console.log('third stopped') }));
} finally {
  await parts.stop();
}`;

async function interrupted(signal?: NodeJS.Signals) {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', benchmark]);
  let printed = '';
  child.stdout.on('data', (text: Buffer) => {
    printed += text.toString();
    if (signal !== undefined && text.includes('starting')) child.kill(signal);
  });
  const [status] = (await once(child, 'close')) as [number];
  return { status, lines: printed.trim().split('\n') };
}

describe('bench/parts', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)(
    'stops everything at %s, also what is only starting, and starts nothing more',
    async (signal, status) => {
      expect(await interrupted(signal)).toEqual({
        status,
        lines: ['starting', 'second stopped', 'first stopped', 'folder removed'],
      });
    },
  );

  it('stops the last part first when the benchmark is over', async () => {
    expect(await interrupted()).toEqual({
      status: 0,
      lines: ['starting', 'third stopped', 'second stopped', 'first stopped', 'folder removed'],
    });
  });
});
