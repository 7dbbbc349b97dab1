import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../platform/logger.ts';
import { workflowBundle } from '../../platform/temporal/bundle.ts';
import * as workflows from '../../workflows/index.ts';
import { type RecordedHistory, readHistories, replayConverter } from './histories.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const histories = readHistories();
const quiet = new DefaultLogger('ERROR', () => {});

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keelson-replay-'));
  Runtime.install({
    logger: quiet,
    telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } },
  });
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Replays a history with a bundle; resolves when the bundle's workflows do what the history says. */
function replay(
  bundle: { codePath: string } | { code: string },
  { history, workflowId }: Pick<RecordedHistory, 'history' | 'workflowId'>,
): Promise<void> {
  return Worker.runReplayHistory(
    { workflowBundle: bundle, dataConverter: replayConverter },
    history,
    workflowId,
  );
}

/** The source with two statements of one block, the first behind the second, each named by a call in it. */
function swapped(text: string, first: string, second: string): string {
  const source = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true);
  const found: (readonly [ts.Statement, ts.Statement])[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isBlock(node)) {
      const of = (call: string) => node.statements.find((one) => one.getText().includes(`.${call}(`));
      const [before, after] = [of(first), of(second)];
      if (before !== undefined && after !== undefined && before !== after) found.push([before, after]);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  expect(found, `statements that call ${first} and ${second}`).toHaveLength(1);
  const [[before, after]] = found as [readonly [ts.Statement, ts.Statement]];
  return [
    text.slice(0, before.getFullStart()),
    text.slice(before.getEnd(), after.getEnd()),
    before.getFullText(),
    text.slice(after.getEnd()),
  ].join('');
}

describe('recorded histories', () => {
  let codePath: string;

  beforeAll(async () => {
    codePath = await workflowBundle(folder, createLogger({ name: 'replay', level: 'silent' }));
  });

  it('hold at least one run of every workflow type', () => {
    const recorded = new Set(histories.map(({ workflowType }) => workflowType));
    expect([...recorded].sort()).toEqual(Object.keys(workflows).sort());
  });

  it.each(histories.map((recorded) => [recorded.name, recorded] as const))(
    '%s replays as it ran',
    async (_, recorded) => {
      await expect(replay({ codePath }, recorded)).resolves.toBeUndefined();
    },
  );
});

describe('a changed order of activities', () => {
  it('is found by the replay of a sync', async () => {
    const changed = join(folder, 'workflows');
    cpSync(join(root, 'workflows'), changed, { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const source = readFileSync(join(changed, 'sync.ts'), 'utf8');
    writeFileSync(join(changed, 'sync.ts'), swapped(source, 'renderOperation', 'planSync'));
    const { code } = await bundleWorkflowCode({
      workflowsPath: join(changed, 'index.ts'),
      payloadConverterPath: join(root, 'platform/temporal/payload-converter.ts'),
      failureConverterPath: join(root, 'platform/temporal/failure-converter.ts'),
      logger: quiet,
    });

    const synced = histories.filter(({ name }) => name === 'syncApplication-hooks-and-waves');
    expect(synced).toHaveLength(1);
    for (const recorded of synced)
      await expect(replay({ code }, recorded)).rejects.toThrow(DeterminismViolationError);
  });
});
