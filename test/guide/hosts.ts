import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { createAuthority } from '../../local/kubernetes/authority.ts';
import { toolPath } from '../../local/obtain/tools.ts';
import { startChartServer } from '../support/servers/chart-server.ts';
import { type GitServer, startGitServer } from '../support/servers/git-server.ts';
import type { TestChart } from '../support/servers/helm-charts.ts';
import { startHttpProxy } from '../support/servers/http-proxy.ts';

/** The hosts that the blocks name, on this machine: what reaches them through the proxy takes them for the real ones. */
export type Hosts = {
  /** github.com; a repository `my-org/my-app.git` is at https://github.com/my-org/my-app.git. */
  readonly git: GitServer;
  /** The proxy that leads there, with its login. */
  readonly proxy: string;
  /** What an operator declares so that an address is reached through the proxy, and its certificate trusted. */
  declarations(repositories: readonly DeclaredRepository[]): Manifest[];
  stop(): Promise<void>;
};

type DeclaredRepository = { readonly url: string; readonly type: 'git' | 'helm' };

const names = ['github.com', 'charts.example.com', 'prometheus-community.github.io'] as const;
type HostName = (typeof names)[number];

/** Starts the hosts with the charts that the blocks ask for. */
export async function startHosts(charts: readonly TestChart[], stack: TestChart): Promise<Hosts> {
  const authority = createAuthority();
  const { keyPem: key, certificatePem: cert } = authority.issue({
    subject: { name: 'examples' },
    use: 'server',
    hosts: [...names],
  });
  const helm = await toolPath('helm');
  const [git, chartServer, stackServer] = await Promise.all([
    startGitServer({ key, cert }),
    startChartServer({ helm, tls: { key, cert } }),
    startChartServer({ helm, tls: { key, cert } }),
  ]);
  await Promise.all([chartServer.publish(charts), stackServer.publish([stack])]);
  // That repository lies in a folder of its host.
  for (const file of ['index.yaml', `${stack.name}-${stack.version}.tgz`]) {
    stackServer.redirect(`/helm-charts/${file}`, `/${file}`);
  }
  const places: Readonly<Record<HostName, string>> = {
    'github.com': git.url,
    'charts.example.com': chartServer.url,
    'prometheus-community.github.io': stackServer.url,
  };
  const [user, password] = ['guide', 'canary-of-the-proxy'];
  const proxy = await startHttpProxy(user, password, 0, (target) => {
    const name = names.find((one) => target === `${one}:443`);
    return name === undefined ? target : new URL(places[name]).host;
  });
  const address = `http://${user}:${password}@${proxy.host}`;
  return {
    git,
    proxy: address,
    declarations: (repositories) => [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'argocd-tls-certs-cm', namespace: 'argocd' },
        data: Object.fromEntries(names.map((name) => [name, authority.certificatePem])),
      },
      ...repositories.map(
        ({ url, type }, index): Manifest => ({
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: {
            name: `example-${index}`,
            namespace: 'argocd',
            labels: { 'argocd.argoproj.io/secret-type': 'repository' },
          },
          stringData: { type, url, proxy: address, ...(type === 'helm' ? { name: `charts-${index}` } : {}) },
        }),
      ),
    ],
    async stop() {
      await Promise.all([git.stop(), chartServer.stop(), stackServer.stop(), proxy.stop()]);
    },
  };
}
