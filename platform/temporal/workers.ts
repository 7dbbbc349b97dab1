import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Config } from '../config.ts';
import type { Keyring } from '../encryption.ts';
import type { Logger } from '../logger.ts';
import { temporalConnection } from './connection.ts';
import { createDataConverter } from './data-converter.ts';

/** A worker that takes tasks of its queue until it is stopped. */
export type Working = { readonly ended: Promise<void>; stop(): Promise<void> };

/** Starts workers of task queues in this process; `Activities` says which activities each queue has. */
export type Workers<Activities> = {
  work<Queue extends keyof Activities & string>(
    taskQueue: Queue,
    activities: Activities[Queue] & object,
    options?: Omit<Partial<WorkerOptions>, 'activities' | 'taskQueue'>,
  ): Promise<Working>;
};

/** Connects this process to Temporal as one that works; it says through the log what Temporal's own code warns of. */
export async function connectWorkers<Activities>({
  config,
  keyring,
  log,
}: {
  readonly config: Config;
  readonly keyring: Keyring;
  readonly log: Logger;
}): Promise<Workers<Activities>> {
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      log[level === 'ERROR' ? 'error' : 'warn']({ source: 'temporal', ...describe(meta) }, message);
    }),
    shutdownSignals: [],
  });
  const connection = await NativeConnection.connect(await temporalConnection(config));
  return {
    async work(taskQueue, activities, options = {}) {
      const worker = await Worker.create({
        connection,
        namespace: config.KEELSON_TEMPORAL_NAMESPACE,
        taskQueue,
        activities,
        dataConverter: createDataConverter(keyring),
        shutdownGraceTime: '5 seconds',
        shutdownForceTime: '10 seconds',
        ...options,
      });
      const ended = worker.run();
      return {
        ended,
        async stop() {
          if (worker.getState() === 'RUNNING') worker.shutdown();
          await ended;
        },
      };
    },
  };
}

/** The fields of a log line from Temporal that tell something and hold no payload. */
function describe(meta: Record<string | symbol, unknown> | undefined): Record<string, unknown> {
  const { error, workflowId, activityType, taskQueue, attempt } = meta ?? {};
  return {
    workflowId,
    activityType,
    taskQueue,
    attempt,
    ...(error === undefined ? {} : { error: error instanceof Error ? error.message : String(error) }),
  };
}
