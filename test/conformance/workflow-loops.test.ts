import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { endlessLoops, workflowModules } from '../support/check/workflow-loops.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const modules = workflowModules(`${root}workflows/index.ts`);
const linesOf = (text: string) => endlessLoops('sample.ts', text).map(({ line }) => line);

describe('loops of workflows', () => {
  it('are looked for in all code that runs as a workflow, and nowhere else', () => {
    const names = modules.map((file) => relative(root, file));
    const operation = ['walk', 'gate', 'cluster', 'stop', 'hints'].map((name) => `operation/${name}`);
    for (const one of ['sync', 'delete', 'refresh', 'cluster-session', 'inspect', ...operation])
      expect(names).toContain(`workflows/${one}.ts`);
    expect(names).not.toContain('workflows/start.ts');
  });

  it('all hand over to a fresh run', () => {
    expect(modules.flatMap((file) => endlessLoops(file, readFileSync(file, 'utf8')))).toEqual([]);
  });

  it.each([
    ['a loop that waits', 'async function f() {\n  for (;;) { await sleep(1); }\n}'],
    ['one over a list', 'async function f() {\n  for (const one of list) await look(one);\n}'],
    ['one with its condition awaited', 'async function f() {\n  while (!(await look())) pause();\n}'],
    ['one with a body that comes first', 'async function f() {\n  do { await look(); } while (true);\n}'],
    ['one over what comes', 'async function f() {\n  for await (const one of all) use(one);\n}'],
    [
      'one whose inner loop hands over',
      'async function f() {\n  for (;;) { await a(); for (;;) await over.beforeWait(1); }\n}',
    ],
    [
      'one whose callback hands over',
      'async function f() {\n  for (;;) await run(() => over.handOver(1));\n}',
    ],
    [
      'one that says it is long and goes on',
      'async function f() {\n  for (;;) { await a(); if (over.isLong()) log(); }\n}',
    ],
  ])('without it are found: %s', (_, text) => {
    expect(linesOf(text)).toEqual([2]);
  });

  it('without it are found where a function awaits itself', () => {
    expect(linesOf('async function f() {\n  await sleep(1);\n  return f();\n}')).toEqual([1]);
    expect(linesOf('const f = async () => {\n  await g(() => f());\n};')).toEqual([1]);
  });

  it.each([
    [
      'a loop that hands over when it is long',
      'async function f() { for (;;) { if (o.isLong()) await o.handOver(1); } }',
    ],
    [
      'one that does before it waits',
      'async function f() { while (await look()) { await walk.over.beforeWait({ group: 1 }); } }',
    ],
    ['one that waits for nothing', 'function f() { for (const one of list) use(one); }'],
  ])('are let go: %s', (_, text) => {
    expect(linesOf(text)).toEqual([]);
  });
});
