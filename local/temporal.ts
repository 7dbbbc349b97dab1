import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { toolPath } from './obtain/tools.ts';
import { rememberedPort } from './ports.ts';
import { startChild, stopLeftover } from './process/child.ts';

/** Where and how the Temporal server runs. */
export type TemporalOptions = {
  /** Its database, log and pid file live here. */
  readonly stateDir: string;
  readonly port?: number;
  readonly uiPort?: number;
  readonly namespace: string;
  /** Limits of the server that differ from its own. */
  readonly limits?: Readonly<Record<string, string>>;
};

/** A running Temporal server. */
export type Temporal = {
  /** `host:port` for clients and workers. */
  readonly address: string;
  readonly uiUrl: string;
  readonly namespace: string;
  readonly pid: number;
  readonly exited: Promise<string>;
  stop(): Promise<void>;
};

/**
 * Polls of the internal queues per second. The default of 20 makes each activity cost about 100 ms; with these a
 * workflow of six activities fell from 650 ms to 119 ms.
 */
const dynamicConfig: Readonly<Record<string, string>> = {
  'history.transferProcessorMaxPollRPS': '2000',
  'history.timerProcessorMaxPollRPS': '2000',
};

/** Histories of ended workflows stay this long; the record of every operation is in Postgres anyway. */
const historyRetention = '3 days';

/** Starts the Temporal dev server on a file, so that workflows outlive a kill of it. */
export async function startTemporal(options: TemporalOptions): Promise<Temporal> {
  const { stateDir, namespace } = options;
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  await stopLeftover(join(stateDir, 'temporal.pid'));
  const [command, port, uiPort] = await Promise.all([
    toolPath('temporal'),
    options.port ?? rememberedPort(stateDir, 'temporal'),
    options.uiPort ?? rememberedPort(stateDir, 'temporal-ui'),
  ]);
  const address = `127.0.0.1:${port}`;
  const settings = Object.entries({ ...dynamicConfig, ...options.limits }).flatMap(([key, value]) => [
    '--dynamic-config-value',
    `${key}=${value}`,
  ]);
  const child = await startChild({
    name: 'temporal',
    command,
    arguments: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port)],
      ...['--ui-ip', '127.0.0.1', '--ui-port', String(uiPort)],
      ...['--namespace', namespace, '--db-filename', join(stateDir, 'temporal.db')],
      // WAL with NORMAL survives the death of the server; only a power cut may lose the last moments.
      ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'],
      ...['--log-format', 'json', '--log-level', 'warn'],
      ...settings,
    ],
    // An empty home: the server must not read or write the user's own Temporal configuration.
    env: { HOME: stateDir },
    logFile: join(stateDir, 'temporal.log'),
    pidFile: join(stateDir, 'temporal.pid'),
    ready: () => isServing(address, namespace),
  });
  await setRetention(address, namespace);
  return {
    address,
    uiUrl: `http://127.0.0.1:${uiPort}`,
    namespace,
    pid: child.pid,
    exited: child.exited,
    stop: child.stop,
  };
}

/** The server answers on its port before the namespace can be used; only then is it ready. */
async function isServing(address: string, namespace: string): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: '1 second' });
  try {
    await connection.withDeadline(Date.now() + 2000, () =>
      connection.workflowService.countWorkflowExecutions({ namespace }),
    );
    return true;
  } finally {
    await connection.close();
  }
}

async function setRetention(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    await connection.workflowService.updateNamespace({
      namespace,
      config: { workflowExecutionRetentionTtl: msToTs(historyRetention) },
    });
  } finally {
    await connection.close();
  }
}
