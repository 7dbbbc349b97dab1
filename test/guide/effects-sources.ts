import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { simpleGit } from 'simple-git';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { textAt, valueAt } from '../../core/object/json/field.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { applicationSpec, blockObjects, blockText } from './frame.ts';
import { type Guide, untilLive } from './guide.ts';
import { type NpmPackage, startNpmRegistry } from './npm-registry.ts';

/** Shows what a block does. */
export type Effect = (guide: Guide) => Promise<void>;

/** Effects of blocks about sources: charts, kustomizations, repositories and what changes them. */
export const sourceEffects = {
  '06.2-1.yaml': async (guide) => {
    await guide.apply(...blockObjects('06.2-1.yaml'));
    await syncInto(guide, 'my-app-multi-source', 'my-app');
    expect(await dataOf(guide, 'my-app', 'my-app')).toEqual({ color: 'blue', plain: 'from values' });
  },
  '06.3-1.yaml': async (guide) => {
    await guide.apply(project('monitoring'), ...blockObjects('06.3-1.yaml'));
    await guide.keelson.healthy('prometheus-stack', 90);
    expect(await dataOf(guide, 'monitoring', 'prometheus-grafana')).toEqual({
      replicas: '2',
      host: 'grafana.example.com',
      retention: '30d',
      storage: '100Gi',
      alerts: '120h',
    });
    const definitions = ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'] as const;
    await untilLive(guide, [...definitions, '', 'guidemonitors.monitoring.example.com']);
  },
  '06.4-1.yaml': async (guide) => {
    await guide.apply(...blockObjects('06.4-1.yaml'));
    await syncInto(guide, 'my-kustomize-app', 'production');
    const live = await untilLive(guide, ['apps/v1', 'Deployment', 'production', 'prod-my-app']);
    expect(live.metadata.labels).toMatchObject({ 'app.kubernetes.io/managed-by': 'argocd' });
    expect(live.metadata.annotations).toMatchObject({ team: 'platform-engineering' });
    expect(imageOf(live)).toBe('registry.example.com/my-app:v1.2.3');
  },
  '07.1-2.yaml': async (guide) => {
    const [secret] = blockObjects('07.1-2.yaml');
    const words = valueAt(secret, 'stringData') as Record<string, string>;
    await guide.apply({ ...(secret as Manifest), stringData: { ...words, proxy: guide.hosts.proxy } });
    await readsWith(guide, 'my-private-repo', 'https://github.com/my-org/my-private-repo.git', words);
  },
  '07.2-1.yaml': async (guide) => {
    const [secret] = blockObjects('07.2-1.yaml');
    await guide.apply(secret as Manifest);
    const words = valueAt(secret, 'stringData') as Record<string, string>;
    await readsWith(guide, 'by-template', 'https://github.com/my-org/my-app.git', words);
  },
  '10.1-1.yaml': async (guide) => {
    await guide.apply(...blockObjects('10.1-1.yaml', applicationSpec('guide-10-1')));
    await syncInto(guide, 'guide-10-1', 'guide-10-1');
    expect(await dataOf(guide, 'guide-10-1', 'my-release')).toEqual({
      environment: 'production',
      replicas: '3',
      memory: '128Mi',
      service: 'ClusterIP',
    });
  },
  '10.2-1.yaml': async (guide) => {
    // The Deployment of 6.4 has the same name, and other labels in its selector, which can't change.
    const former = { group: 'apps', kind: 'Deployment', namespace: 'production', name: 'prod-my-app' };
    await guide.keelson.cluster.delete('apps/v1', former);
    await guide.apply(...blockObjects('10.2-1.yaml', applicationSpec('guide-10-2')));
    await syncInto(guide, 'guide-10-2', 'guide-10-2');
    const live = await untilLive(
      guide,
      ['apps/v1', 'Deployment', 'production', 'prod-my-app'],
      (one) => textAt(one, 'metadata', 'labels', 'environment') === 'production',
    );
    expect(imageOf(live)).toBe('registry.example.com/my-app:v1.2.3');
  },
  '10.3-1.yaml': async (guide) => {
    const registry = await startNpmRegistry(cdk8s);
    try {
      const url = await pluginRepository(guide, registry.url);
      await guide.apply(...blockObjects('10.3-1.yaml').map(withNetwork));
      const source = { repoURL: url, targetRevision: 'main', path: '.' };
      await guide.apply(applicationSpec('guide-10-3')({ source }));
      await syncInto(guide, 'guide-10-3', 'guide-10-3');
      expect(await dataOf(guide, 'guide-10-3', 'synthesized')).toEqual({ by: 'cdk8s' });
      expect(registry.asked).toContain('/cdk8s/-/cdk8s-1.0.0.tgz');
    } finally {
      await registry.stop();
    }
  },
  '15.2-1.yaml': async (guide) => {
    const repoURL = 'https://github.com/my-org/gitops-repo.git';
    const source = { repoURL, targetRevision: 'main', path: 'apps/my-app/overlays/production' };
    await guide.apply(
      applicationSpec('guide-15-2')({
        source,
        syncPolicy: { automated: {}, syncOptions: ['CreateNamespace=true'] },
      }),
    );
    await guide.keelson.healthy('guide-15-2', 90);
    const clone = join(guide.folder, 'gitops-repo');
    await simpleGit().clone(join(guide.hosts.git.dir, 'my-org/gitops-repo.git'), clone);
    const sha = 'a1b2c3d4';
    const { code, stderr } = await guide.script(stepsOf(blockText('15.2-1.yaml'), sha), clone);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(await readFile(join(clone, source.path, 'kustomization.yaml'), 'utf8')).toContain(sha);
    await guide.keelson.client.applications.get('guide-15-2', { refresh: 'normal' });
    await untilLive(
      guide,
      ['apps/v1', 'Deployment', 'guide-15-2', 'my-app'],
      (one) => imageOf(one) === `registry.example.com/my-app:${sha}`,
      90,
    );
  },
} satisfies Readonly<Record<string, Effect>>;

/** The program of that name as far as the plugin uses it. */
const cdk8s: NpmPackage = {
  name: 'cdk8s',
  version: '1.0.0',
  bin: { cdk8s: 'cdk8s.js' },
  files: {
    'cdk8s.js': [
      '#!/usr/bin/env node',
      "const { mkdirSync, writeFileSync } = require('node:fs');",
      "if (process.argv[2] !== 'synth') process.exit(1);",
      "mkdirSync('dist', { recursive: true });",
      "const made = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'synthesized' }, data: { by: 'cdk8s' } };",
      "writeFileSync('dist/app.k8s.yaml', JSON.stringify(made));",
      '',
    ].join('\n'),
  },
};

/** A repository that discovery takes for the plugin's, whose packages come from the registry; its address. */
async function pluginRepository({ hosts, apply }: Guide, registry: string): Promise<string> {
  await hosts.git.createRepository('my-org/charts-in-code.git', {
    'cdk8s.yaml': 'language: typescript\n',
    'package.json': JSON.stringify({ name: 'charts', dependencies: { cdk8s: '1.0.0' } }),
    '.npmrc': `registry=${registry}\naudit=false\nfund=false\nupdate-notifier=false\n`,
  });
  const url = 'https://github.com/my-org/charts-in-code.git';
  const [, secret] = hosts.declarations([{ url, type: 'git' }]);
  await apply({ ...(secret as Manifest), metadata: { ...secret?.metadata, name: 'charts-in-code' } });
  return url;
}

/** The block's plugin with the annotation that lets it fetch. */
function withNetwork(map: Manifest): Manifest {
  const files = map['data'] as Record<string, string>;
  const data = Object.entries(files).map(([name, text]) => [
    name,
    text.replace('metadata:\n', 'metadata:\n  annotations: {keelson.dev/network: "true"}\n'),
  ]);
  return { ...map, data: Object.fromEntries(data) };
}

/** A project that permits everything. */
export function project(name: string): Manifest {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name, namespace: 'argocd' },
    spec: {
      sourceRepos: ['*'],
      destinations: [{ server: '*', namespace: '*' }],
      clusterResourceWhitelist: [{ group: '*', kind: '*' }],
    },
  };
}

/** Syncs an application whose namespace is there, as an operator makes it for one without CreateNamespace. */
export async function syncInto({ keelson }: Guide, name: string, namespace: string): Promise<void> {
  await keelson.cluster.applyServerSide({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  });
  expect(await keelson.sync(name)).toMatchObject({ phase: 'Succeeded' });
}

async function dataOf(guide: Guide, namespace: string, name: string): Promise<unknown> {
  return (await untilLive(guide, ['v1', 'ConfigMap', namespace, name]))['data'];
}

function imageOf(live: Manifest): string {
  const containers = valueAt(live, 'spec', 'template', 'spec', 'containers') as { image: string }[];
  return containers[0]?.image ?? '';
}

/** The scripts of a workflow's steps, as its runner would run them. */
function stepsOf(workflow: string, sha: string): string {
  const { jobs } = parse(workflow) as { jobs: Record<string, { steps: { run?: string }[] }> };
  const scripts = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
  // Each step begins in the folder of the clone.
  return scripts.map((script) => `(\n${script}\n)`.replace(/\$\{\{ github\.sha \}\}/g, sha)).join('\n');
}

async function readsWith(
  guide: Guide,
  name: string,
  repoURL: string,
  { username, password }: Record<string, string>,
): Promise<void> {
  const { git } = guide.hosts;
  git.requireAuth(username ?? '', password ?? '');
  try {
    const path = repoURL.endsWith('private-repo.git') ? '.' : 'overlays/production';
    await guide.apply(applicationSpec(name)({ source: { repoURL, path } }));
    await syncInto(guide, name, name);
  } finally {
    git.requireHeader();
  }
}
