import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import proto from '@temporalio/proto';
import { createKeyring } from '../../platform/encryption.ts';
import { createDataConverter } from '../../platform/temporal/data-converter.ts';

const { History } = proto.temporal.api.history.v1;
type History = proto.temporal.api.history.v1.IHistory;

/** Folder of the recorded histories: `<workflow type>-<case>.json`. */
export const historiesDir = fileURLToPath(new URL('histories', import.meta.url));

/** Seals the recorded histories and nothing else: they hold test objects only, so everybody may know it. */
export const replayKey = `replay:${Buffer.alloc(32, 'keelson replay test ').toString('base64')}`;

/** Opens and seals recorded payloads. */
export const replayKeyring = createKeyring(replayKey);

/** The converter with which a replaying worker reads recorded payloads. */
export const replayConverter = createDataConverter(replayKeyring);

/** A history as it was recorded. */
export type RecordedHistory = {
  /** File name without its ending. */
  readonly name: string;
  readonly workflowType: string;
  /** What its payloads are sealed for, in the namespace of every replay. */
  readonly workflowId: string;
  readonly history: History;
};

/** The namespace that a replaying worker is in. */
export const replayNamespace = 'default';

/** Every recorded history, by name. */
export function readHistories(): RecordedHistory[] {
  const files = readdirSync(historiesDir).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => {
    const name = file.slice(0, -'.json'.length);
    const history = History.fromObject(JSON.parse(readFileSync(join(historiesDir, file), 'utf8')));
    const started = history.events?.[0]?.workflowExecutionStartedEventAttributes;
    return { name, workflowType: name.split('-')[0] ?? '', workflowId: started?.workflowId ?? '', history };
  });
}

/** A history as the plain object that a file holds: numbers of 64 bits, enums and bytes as text. */
export function toJson(history: History): { events: object[] } {
  const plain = History.toObject(History.fromObject(history), {
    longs: String,
    enums: String,
    bytes: String,
  });
  return { events: plain['events'] };
}
