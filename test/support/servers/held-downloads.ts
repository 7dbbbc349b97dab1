import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createAuthority } from '../../../local/kubernetes/authority.ts';
import { hostPlatform } from '../../../local/obtain/toolchain.ts';
import { toolPath } from '../../../local/obtain/tools.ts';
import { readToolsLock } from '../../../local/obtain/tools-lock.ts';
import { toolVariable } from '../../../platform/chosen-tool.ts';

const held = ['helm', 'kustomize'] as const;

/** The official downloads of two render tools, from a server that lets go of them when the test says so. */
export type HeldDownloads = {
  /** What a program under test needs to fetch from here, with all other tools in place. */
  readonly env: Readonly<Record<string, string>>;
  /** The tools that were asked for so far. */
  readonly asked: readonly string[];
  release(): void;
  stop(): Promise<void>;
};

/** Serves the real programs, in pieces, over TLS under an authority of its own. */
export async function startHeldDownloads(folder: string): Promise<HeldDownloads> {
  const authority = createAuthority();
  const files = new Map<string, Buffer>();
  for (const name of held) files.set(name, readFileSync(await toolPath(name)));
  const asked: string[] = [];
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const pair = authority.issue({ subject: { name: 'downloads' }, use: 'server', hosts: ['127.0.0.1'] });
  const server = createServer({ cert: pair.certificatePem, key: pair.keyPem }, (request, response) => {
    const name = (request.url ?? '').slice(1);
    const content = files.get(name);
    if (content === undefined) {
      response.writeHead(404).end();
      return;
    }
    asked.push(name);
    response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 1000));
    void released.then(() => response.end(content.subarray(1000)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const authorityFile = join(folder, 'downloads-authority.pem');
  writeFileSync(authorityFile, authority.certificatePem);
  const env = toolsEnvironment(folder, (name) => ({
    url: `https://127.0.0.1:${port}/${name}`,
    sha256: createHash('sha256')
      .update(files.get(name) ?? '')
      .digest('hex'),
    checksumUrl: null,
    member: null,
  }));
  return {
    env: { ...(await env), NODE_EXTRA_CA_CERTS: authorityFile },
    asked,
    release,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An environment in which Helm and Kustomize are missing and everything else is there. */
export async function toolsEnvironment(
  folder: string,
  downloadOf: (name: string) => object | null,
): Promise<Record<string, string>> {
  const lock = readToolsLock();
  const changed = held.map((name) => {
    const tool = lock.tools[name];
    return [name, { ...tool, accepts: '>=99.0.0', downloads: { [hostPlatform()]: downloadOf(name) } }];
  });
  const lockFile = join(folder, 'tools.lock.json');
  writeFileSync(
    lockFile,
    JSON.stringify({ ...lock, tools: { ...lock.tools, ...Object.fromEntries(changed) } }),
  );
  const others = ['temporal', 'etcd', 'kubectl', 'kwok', 'jsonnet'] as const;
  const kubernetes = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
  const variables = [...others, ...kubernetes].map(async (name) => [
    toolVariable(name),
    await toolPath(name),
  ]);
  return {
    ...Object.fromEntries(await Promise.all(variables)),
    KEELSON_TOOLS_LOCK: lockFile,
    KEELSON_TOOLS_DIR: join(folder, 'tools'),
  };
}
