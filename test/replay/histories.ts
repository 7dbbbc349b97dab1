import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { createKeyring } from '../../platform/encryption.ts';
import { createDataConverter } from '../../platform/temporal/data-converter.ts';

/** Folder of the recorded histories: `<workflow type>-<case>.json`. */
export const historiesDir = fileURLToPath(new URL('histories', import.meta.url));

/** Seals the recorded histories and nothing else: they hold test objects only, so everybody may know it. */
export const replayKey = `replay:${Buffer.alloc(32, 'keelson replay test ').toString('base64')}`;

/** The key ring that opens recorded payloads. */
export const replayKeyring = createKeyring(replayKey);

/** The converter that a replaying worker needs to read recorded payloads. */
export const replayConverter: DataConverter = createDataConverter(replayKeyring);

/** A history as it was recorded. */
export type RecordedHistory = {
  /** File name without its ending. */
  readonly name: string;
  readonly workflowType: string;
  readonly workflowId: string;
  /** The proto's JSON form, as replaying takes it. */
  readonly history: unknown;
};

/** Every recorded history, by name. */
export function readHistories(): RecordedHistory[] {
  const names = readdirSync(historiesDir).filter((name) => name.endsWith('.json'));
  return names.sort().map((file) => {
    const { workflowId, history } = JSON.parse(readFileSync(join(historiesDir, file), 'utf8'));
    const name = file.slice(0, -'.json'.length);
    return { name, workflowType: name.split('-')[0] ?? '', workflowId, history };
  });
}
