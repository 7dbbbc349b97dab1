import { randomUUID } from 'node:crypto';
import { join, relative } from 'node:path';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import pg from 'pg';
import { expect, inject } from 'vitest';
import { type ClusterOptions, type LocalCluster, startCluster } from '../../../local/kubernetes/cluster.ts';
import type { EtcdAccess } from '../../../local/kubernetes/etcd.ts';
import { pollUntil } from '../../../local/poll.ts';

/** Facts about the platform that one test run shares; plain values, since they travel to the test workers. */
export type SharedPlatform = {
  readonly stateDir: string;
  readonly temporalAddress: string;
  /** The shared cluster, with controllers: pods run, Jobs complete. */
  readonly kubeconfigPath: string;
  readonly server: string;
  readonly etcd: EtcdAccess;
  /** A migrated database without rows, to be cloned. */
  readonly templateDatabase: string;
};

declare module 'vitest' {
  interface ProvidedContext {
    readonly platform: SharedPlatform;
  }
}

/** Something of a test's own on the shared platform, given back with `drop`. */
export type OwnPart = { drop(): Promise<void> };

/** The platform of this test run: what is shared, and how to get a part of one's own. */
export type TestPlatform = SharedPlatform & {
  readonly postgresUrl: string;
  /** A migrated, empty database. */
  createDatabase(): Promise<OwnPart & { readonly databaseUrl: string }>;
  /** A Temporal namespace; it ends with the test run. */
  createNamespace(): Promise<string>;
  /** An API server (with controllers if asked) on the shared etcd, for tests that kill it or fill it. */
  startCluster(options?: Pick<ClusterOptions, 'controllers' | 'nodes' | 'onExit'>): Promise<LocalCluster>;
  /** A database and a namespace of one's own beside the shared cluster: all that a Keelson needs. */
  createFacts(): Promise<
    OwnPart & {
      readonly databaseUrl: string;
      readonly temporalAddress: string;
      readonly temporalNamespace: string;
      readonly kubeconfigPath: string;
      readonly file: string;
    }
  >;
};

/** The shared platform, from within a test file. */
export function testPlatform(): TestPlatform {
  const shared = inject('platform');
  const postgresUrl = inject('postgresUrl');
  const platform: TestPlatform = {
    ...shared,
    postgresUrl,
    createDatabase: () => cloneDatabase(postgresUrl, shared.templateDatabase),
    createNamespace: () => registerNamespace(shared.temporalAddress),
    startCluster: (options = {}) => {
      const name = `own-${randomUUID().slice(0, 8)}`;
      return startCluster({
        ...options,
        name,
        stateDir: join(shared.stateDir, 'clusters', name),
        etcd: shared.etcd,
      });
    },
    createFacts: async () => {
      const [database, temporalNamespace] = await Promise.all([
        platform.createDatabase(),
        platform.createNamespace(),
      ]);
      const { temporalAddress, kubeconfigPath } = shared;
      const file = relative(process.cwd(), expect.getState().testPath ?? 'a test');
      return { ...database, temporalAddress, temporalNamespace, kubeconfigPath, file };
    },
  };
  return platform;
}

async function cloneDatabase(postgresUrl: string, template: string) {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(postgresUrl, `create database ${name} template ${template}`);
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  return {
    databaseUrl: url.href,
    drop: () => onServer(postgresUrl, `drop database if exists ${name} with (force)`),
  };
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function registerNamespace(address: string): Promise<string> {
  const namespace = `test-${randomUUID()}`;
  const connection = await Connection.connect({ address });
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs('1 day'),
    });
    // The server's own parts hear of a namespace a little later than the call returns.
    await pollUntil(`namespace ${namespace}`, 30, async () => {
      await connection.workflowService.countWorkflowExecutions({ namespace });
      return true;
    });
  } finally {
    await connection.close();
  }
  return namespace;
}
