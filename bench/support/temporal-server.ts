import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Connection } from '@temporalio/client';
import { stringify } from 'yaml';
import { KeelsonError } from '../../core/errors.ts';
import { productionTemporal, toolPaths } from '../../local/obtain/tools.ts';
import { freePort } from '../../local/ports.ts';
import { type Child, startChild } from '../../local/process/child.ts';

const run = promisify(execFile);
/** What docker-compose.yml gives its Temporal server, so that the figures are about that one. */
const dynamicConfig = fileURLToPath(
  new URL('../../deploy/compose/temporal/dynamic-config.yaml', import.meta.url),
);
const historyShards = 64;

/** Its databases beside Keelson's, and the tool's name of each one's tables. */
const databases = {
  temporal: 'postgresql/v12/temporal',
  temporal_visibility: 'postgresql/v12/visibility',
} as const;

const services = ['frontend', 'matching', 'history', 'worker'] as const;
type ServicePorts = Readonly<Record<(typeof services)[number], { rpc: number; membership: number }>>;

export type TemporalServerOptions = {
  readonly stateDir: string;
  /** Any database of the PostgreSQL server that is to hold Temporal's; its user may create databases. */
  readonly databaseUrl: string;
  /** Port of the frontend. */
  readonly port: number;
};

/** Starts the production Temporal server: all its services in one program, persistence and visibility in PostgreSQL. */
export async function startTemporalServer(options: TemporalServerOptions): Promise<Child> {
  const { stateDir, port } = options;
  const tools = await toolPaths(productionTemporal);
  const database = new URL(options.databaseUrl);
  for (const [name, schema] of Object.entries(databases)) {
    const sqlTool = (...args: string[]) => runSqlTool(tools['temporal-sql-tool'], database, name, args);
    await sqlTool('create-database');
    await sqlTool('setup-schema', '--version', '0.0');
    await sqlTool('update-schema', '--schema-name', schema);
  }
  const configDir = join(stateDir, 'config');
  mkdirSync(configDir, { recursive: true, mode: 0o700 });
  const config = stringify(serverConfig(database, await choosePorts(port)));
  // It holds the database's password.
  writeFileSync(join(configDir, 'bench.yaml'), config, { mode: 0o600 });
  return startChild({
    name: 'temporal-server',
    command: tools['temporal-server'],
    arguments: ['--root', stateDir, '--config', 'config', '--env', 'bench', '--allow-no-auth', 'start'],
    env: { HOME: stateDir },
    logFile: join(stateDir, 'temporal-server.log'),
    pidFile: join(stateDir, 'temporal-server.pid'),
    ready: () => isServing(`127.0.0.1:${port}`),
  });
}

async function runSqlTool(tool: string, database: URL, name: string, args: string[]): Promise<void> {
  try {
    await run(tool, args, {
      env: {
        SQL_PLUGIN: 'postgres12',
        SQL_HOST: database.hostname,
        SQL_PORT: database.port,
        SQL_USER: database.username,
        SQL_PASSWORD: database.password,
        SQL_DATABASE: name,
      },
    });
  } catch (cause) {
    throw new KeelsonError('internal', `temporal-sql-tool ${args.join(' ')} on database ${name} failed`, {
      cause,
    });
  }
}

async function choosePorts(frontend: number): Promise<ServicePorts> {
  const entries = services.map(async (service) => {
    const rpc = service === 'frontend' ? frontend : await freePort();
    return [service, { rpc, membership: await freePort() }] as const;
  });
  return Object.fromEntries(await Promise.all(entries)) as ServicePorts;
}

function serverConfig(database: URL, ports: ServicePorts): object {
  const store = (databaseName: string, connections: number) => ({
    sql: {
      pluginName: 'postgres12',
      databaseName,
      connectAddr: database.host,
      connectProtocol: 'tcp',
      user: database.username,
      password: database.password,
      maxConns: connections,
      maxIdleConns: connections,
      maxConnLifetime: '1h',
    },
  });
  return {
    log: { stdout: true, level: 'warn' },
    persistence: {
      defaultStore: 'default',
      visibilityStore: 'visibility',
      numHistoryShards: historyShards,
      datastores: { default: store('temporal', 20), visibility: store('temporal_visibility', 5) },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: Object.fromEntries(
      services.map((service) => {
        const { rpc, membership } = ports[service];
        return [service, { rpc: { grpcPort: rpc, membershipPort: membership, bindOnLocalHost: true } }];
      }),
    ),
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: `127.0.0.1:${ports.frontend.rpc}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    archival: { history: { state: 'disabled' }, visibility: { state: 'disabled' } },
    namespaceDefaults: { archival: { history: { state: 'disabled' }, visibility: { state: 'disabled' } } },
    dynamicConfigClient: { filepath: dynamicConfig, pollInterval: '60s' },
  };
}

/** The frontend answers before the system's own namespace can be read; only then is the server ready. */
async function isServing(address: string): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: '1 second' });
  try {
    await connection.workflowService.describeNamespace({ namespace: 'temporal-system' });
    return true;
  } finally {
    await connection.close();
  }
}
