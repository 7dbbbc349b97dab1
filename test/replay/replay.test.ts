import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
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

/** Replaces text that has to be there exactly once. */
function replaceOnce(text: string, before: string, after: string): string {
  expect(text.split(before), before).toHaveLength(2);
  return text.replace(before, after);
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
    const rendering = '  if (!start.rendered) await stop.untilAsked(() => render.renderOperation(ref));\n';
    const planning =
      '  const passage = passageOf(over, ref, begun);\n  const plan =\n    start.plan ?? (await stop.untilAsked(() => onSession(passage, 0, (session) => session.planSync(ref))));\n';
    writeFileSync(join(changed, 'sync.ts'), replaceOnce(source, rendering + planning, planning + rendering));
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
