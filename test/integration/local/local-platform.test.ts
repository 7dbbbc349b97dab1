import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { createAuthority } from '../../../local/kubernetes/authority.ts';
import type { LocalCluster } from '../../../local/kubernetes/cluster.ts';
import { probe } from '../../../local/kubernetes/probe.ts';
import { toolPath } from '../../../local/obtain/tools.ts';
import { pollUntil } from '../../../local/poll.ts';
import { startPostgres } from '../../../local/postgres/postgres.ts';
import { isAlive } from '../../../local/process/pid.ts';
import { startTemporal } from '../../../local/temporal.ts';
import { testPlatform } from '../../support/keelson/platform.ts';

const run = promisify(execFile);
const platform = testPlatform();
const folder = mkdtempSync(join(tmpdir(), 'keelson-local-'));
let kubectlPath: string;

beforeAll(async () => {
  kubectlPath = await toolPath('kubectl');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function kubectl(kubeconfigPath: string, ...words: string[]): Promise<string> {
  const { stdout } = await run(kubectlPath, [`--kubeconfig=${kubeconfigPath}`, ...words]);
  return stdout.trim();
}

async function apply(kubeconfigPath: string, object: unknown): Promise<void> {
  const child = run(kubectlPath, [`--kubeconfig=${kubeconfigPath}`, 'apply', '-f', '-']);
  child.child.stdin?.end(stringify(object));
  await child;
}

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query({ text: statement, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

function podTemplate(name: string, restartPolicy: string, behaviour?: string) {
  return {
    metadata: {
      labels: { name },
      annotations: behaviour === undefined ? {} : { 'keelson.test/pod': behaviour },
    },
    spec: { restartPolicy, containers: [{ name: 'main', image: 'example.invalid/main:1' }] },
  };
}

function job(name: string, behaviour?: string): unknown {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: { backoffLimit: 0, template: podTemplate(name, 'Never', behaviour) },
  };
}

function deployment(name: string, behaviour?: string): unknown {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 2,
      selector: { matchLabels: { name } },
      template: podTemplate(name, 'Always', behaviour),
    },
  };
}

describe('local/platform: the shared cluster', () => {
  const config = platform.kubeconfigPath;
  const wait = (condition: string, object: string) =>
    kubectl(config, 'wait', `--for=${condition}`, object, '--timeout=60s');

  it('makes a Deployment available and answers for the logs of its pods', async () => {
    await apply(config, deployment('web'));
    await wait('condition=Available', 'deployment/web');
    expect(await kubectl(config, 'logs', 'deployment/web')).toContain('simulated node');
  });

  it('completes a Job, fails one that is to fail, keeps one running that is to hang', async () => {
    await Promise.all([
      apply(config, job('good')),
      apply(config, job('bad', 'fail')),
      apply(config, job('stuck', 'hang')),
    ]);
    await Promise.all([wait('condition=Complete', 'job/good'), wait('condition=Failed', 'job/bad')]);
    await wait('jsonpath={.status.ready}=1', 'job/stuck');
  });

  it('lets a pod crash-loop that is to fail and always restarts', async () => {
    await apply(config, deployment('crashing', 'fail'));
    const reason = '{.items[0].status.containerStatuses[0].state.waiting.reason}';
    await pollUntil('crash loop', 30, async () => {
      return (
        (await kubectl(config, 'get', 'pods', '-lname=crashing', `-ojsonpath=${reason}`)) ===
        'CrashLoopBackOff'
      );
    });
  });

  it('keeps a deleted pod for as long as it has a finalizer', async () => {
    await apply(config, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'held', finalizers: ['keelson.dev/test'] },
      spec: podTemplate('held', 'Always').spec,
    });
    await wait('condition=Ready', 'pod/held');
    await kubectl(config, 'delete', 'pod', 'held', '--wait=false');
    // Zero seconds left is what the node's side of a deletion leaves behind.
    await wait('jsonpath={.metadata.deletionGracePeriodSeconds}=0', 'pod/held');
    expect(await kubectl(config, 'get', 'pod', 'held', '-ojsonpath={.metadata.finalizers[0]}')).toBe(
      'keelson.dev/test',
    );
    await kubectl(config, 'patch', 'pod', 'held', '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
    await wait('delete', 'pod/held');
  });
});

describe('local/kubernetes/cluster', () => {
  let first: LocalCluster;
  let second: LocalCluster;

  beforeAll(async () => {
    [first, second] = await Promise.all([
      platform.startCluster({ controllers: false }),
      platform.startCluster({ controllers: false }),
    ]);
  });
  afterAll(() => Promise.all([first.stop(), second.stop()]));

  it('shows objects of one cluster to no other on the same etcd', async () => {
    await kubectl(first.kubeconfigPath, 'create', 'namespace', 'only-here');
    expect(await kubectl(first.kubeconfigPath, 'get', 'namespaces', '-oname')).toContain(
      'namespace/only-here',
    );
    expect(await kubectl(second.kubeconfigPath, 'get', 'namespaces', '-oname')).not.toContain('only-here');
  });

  it('refuses a caller without a certificate, even for its health', async () => {
    expect((await probe(`${first.server}/readyz`, { caPem: first.caPem })).status).toBe(401);
  });

  it('refuses a certificate of another authority', async () => {
    const foreign = createAuthority().issue({
      subject: { name: 'intruder', organizations: ['system:masters'] },
      use: 'client',
    });
    const answer = await probe(`${first.server}/api/v1/namespaces`, { caPem: first.caPem, ...foreign });
    expect(answer.status).toBe(401);
  });

  it("refuses another cluster's administrator", async () => {
    const answer = await probe(`${first.server}/api/v1/namespaces`, {
      caPem: first.caPem,
      certificatePem: second.adminCertificatePem,
      keyPem: second.adminKeyPem,
    });
    expect(answer.status).toBe(401);
  });

  it('is not trusted by a client that expects another authority', async () => {
    await expect(probe(`${first.server}/readyz`, { caPem: second.caPem })).rejects.toThrow(/certificate/);
  });

  it('keeps its address and objects when the API server is killed and restarted', async () => {
    const before = first.pids().apiserver;
    process.kill(before ?? 0, 'SIGKILL');
    await first.restart('apiserver');
    expect(first.pids().apiserver).not.toBe(before);
    expect(await kubectl(first.kubeconfigPath, 'get', 'namespaces', '-oname')).toContain(
      'namespace/only-here',
    );
  });
});

describe('local/postgres', () => {
  it('keeps its data, password and port when it is killed and started again', async () => {
    const stateDir = join(folder, 'postgres');
    const first = await startPostgres({ stateDir });
    await query(first.url, 'create table kept (word text)');
    await query(first.url, "insert into kept values ('still here')");
    process.kill(first.pid, 'SIGKILL');
    expect(await first.exited).toBe('died of SIGKILL');
    const second = await startPostgres({ stateDir });
    try {
      expect(second.url).toBe(first.url);
      expect(await query(second.url, 'select word from kept')).toEqual(['still here']);
    } finally {
      await second.stop();
    }
  });

  it.runIf(process.platform === 'linux')('waits for a worker that outlives its killed server', async () => {
    const stateDir = join(folder, 'postgres');
    const first = await startPostgres({ stateDir });
    const [worker] = await query(
      first.url,
      "select pid from pg_stat_activity where backend_type = 'checkpointer'",
    );
    // A stopped worker stands for one that is in the middle of a long write.
    process.kill(Number(worker), 'SIGSTOP');
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    const second = await startPostgres({ stateDir });
    try {
      expect(isAlive(Number(worker))).toBe(false);
      expect(await query(second.url, 'select word from kept')).toEqual(['still here']);
    } finally {
      await second.stop();
    }
  });

  it('replaces a server that an earlier, killed start left running', async () => {
    const stateDir = join(folder, 'postgres');
    const left = await startPostgres({ stateDir });
    const next = await startPostgres({ stateDir });
    try {
      expect(await left.exited).toMatch(/exited|died/);
      expect(next.url).toBe(left.url);
      expect(await query(next.url, 'select word from kept')).toEqual(['still here']);
    } finally {
      await next.stop();
    }
  });

  it('refuses a caller without the password and syncs to disk', async () => {
    const server = await startPostgres({ stateDir: join(folder, 'postgres') });
    try {
      const anonymous = new URL(server.url);
      anonymous.password = 'wrong';
      await expect(query(anonymous.href, 'select 1')).rejects.toThrow(/password authentication failed/);
      expect(await query(server.url, "select current_setting('fsync')")).toEqual(['on']);
    } finally {
      await server.stop();
    }
  });
});

describe('local/temporal', () => {
  it('keeps its address and serves again after it is killed', async () => {
    const options = { stateDir: join(folder, 'temporal'), namespace: 'keelson' };
    const first = await startTemporal(options);
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    const second = await startTemporal(options);
    expect(second.address).toBe(first.address);
    await second.stop();
  });

  it('gives each test a namespace of its own', async () => {
    const [one, two] = await Promise.all([platform.createNamespace(), platform.createNamespace()]);
    expect(one).not.toBe(two);
  });
});

describe('test/support/platform', () => {
  it('clones a migrated database for each test', async () => {
    const [one, two] = await Promise.all([platform.createDatabase(), platform.createDatabase()]);
    await query(one.databaseUrl, 'create table own ()');
    const tables = "select count(*)::int from pg_tables where tablename in ('own', 'operations')";
    expect(await query(one.databaseUrl, tables)).toEqual([2]);
    expect(await query(two.databaseUrl, tables)).toEqual([1]);
    await Promise.all([one.drop(), two.drop()]);
  });
});
