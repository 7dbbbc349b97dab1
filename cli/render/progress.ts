import { setTimeout as sleep } from 'node:timers/promises';
import { KeelsonError } from '../../core/errors.ts';
import { ownField } from '../../core/own-field.ts';
import { isFinished } from '../../core/sync/operation/operation.ts';
import type { OperationView } from '../../core/wire/operation.ts';
import { ApiError } from '../server/api-error.ts';
import type { ApiClient } from '../server/client.ts';
import { fitText } from '../terminal/text.ts';
import { changesHeader, renderChanges } from './render-changes.ts';
import { renderProgress } from './render-progress.ts';

/** Where progress is written; a terminal also tells its size. */
export type Output = {
  write(text: string): unknown;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
};

export type FollowOptions = {
  readonly client: Pick<ApiClient, 'server'> & { readonly operations: Pick<ApiClient['operations'], 'get'> };
  readonly application: string;
  readonly operationId: string;
  readonly out: Output;
  /** Whether `out` can be redrawn; else one line is written per change. */
  readonly isTerminal: boolean;
  readonly color?: boolean;
  readonly signal?: AbortSignal | undefined;
};

const pollMilliseconds = 300;
/** A server that takes long to answer, for a big plan or under load, is asked less often: a fifth of its time. */
const shareOfTime = 4;
/** A server that restarts is back within this; the operation itself goes on without it. */
const patienceMilliseconds = 60_000;

/** Shows an operation until it has ended, also across a restart of the server, and returns how it ended. */
export async function followOperation(options: FollowOptions): Promise<OperationView> {
  const display = options.isTerminal
    ? createLiveDisplay(options.out, options.color ?? true)
    : createLogDisplay(options.out);
  let lostAt: number | undefined;
  let last: OperationView | undefined;
  for (;;) {
    options.signal?.throwIfAborted();
    const asked = performance.now();
    try {
      last = await options.client.operations.get(options.application, options.operationId);
      lostAt = undefined;
      display.show(last, undefined);
      if (isFinished(last.phase)) return last;
    } catch (error) {
      if (!isTransient(error)) throw error;
      lostAt ??= Date.now();
      if (Date.now() - lostAt > patienceMilliseconds) throw error;
      display.show(last, `connection to ${options.client.server} lost, trying again; the operation goes on`);
    }
    const pause = Math.max(pollMilliseconds, (performance.now() - asked) * shareOfTime);
    await sleep(pause, undefined, options.signal === undefined ? {} : { signal: options.signal });
  }
}

/** Whether a failure is one that a server's restart or a proxy in front of it explains. */
function isTransient(error: unknown): boolean {
  if (error instanceof ApiError) return error.status >= 500;
  return error instanceof KeelsonError && error.retryable;
}

type Display = { show(view: OperationView | undefined, trouble: string | undefined): void };

function createLogDisplay(out: Output): Display {
  let before: OperationView | undefined;
  let told: string | undefined;
  return {
    show(view, trouble) {
      if (before === undefined && view !== undefined) out.write(`${changesHeader}\n`);
      if (view !== undefined && view !== before) {
        for (const line of renderChanges(before, view, Date.now())) out.write(`${line}\n`);
        before = view;
      }
      if (trouble !== undefined && trouble !== told) out.write(`${trouble}\n`);
      told = trouble;
    },
  };
}

/** Draws over its own last picture: up as many lines as it had, each line cleared to its end. */
function createLiveDisplay(out: Output, color: boolean): Display {
  let drawn = 0;
  return {
    show(view, trouble) {
      // One column stays free: a full line makes some terminals wrap, and the next picture would be off by one.
      const width = Math.max(20, (out.columns ?? 80) - 1);
      const lines = view === undefined ? [] : renderProgress(view, width, Date.now());
      if (trouble !== undefined) lines.push(fitText(trouble, width));
      // What happens now and how it ended stand at the end; of a picture too high for the screen the middle goes.
      const surplus = Math.max(0, lines.length - Math.max(2, (out.rows ?? 24) - 1));
      const picture = lines.toSpliced(1, surplus);
      const up = drawn === 0 ? '' : `\u001b[${drawn}A`;
      const text = picture.map((line) => `${color ? paint(line) : line}\u001b[K\n`).join('');
      out.write(`${up}${text}\u001b[0J`);
      drawn = picture.length;
    },
  };
}

const colors: Readonly<Record<string, number>> = { '✔': 32, '✖': 31, '▸': 36, '·': 90 };

/** Colours the mark of a line alone, so that the text stays readable on any background. */
function paint(line: string): string {
  const mark = line.trimStart().charAt(0);
  const color = ownField(colors, mark);
  if (color === undefined) return line;
  return line.replace(mark, `\u001b[${color}m${mark}\u001b[0m`);
}
