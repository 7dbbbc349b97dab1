import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../settings/settings.ts';
import { settingMapNames } from '../settings/words/problem.ts';
import { readSettings } from '../settings/words/read-settings.ts';
import { misdeployment, noEffectConditions } from './application.ts';
import { noEffectYet } from './table.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const application = { spec: { project: 'default', destination: {} }, annotations: {}, finalizers: [] };
const messages = (...of: Parameters<typeof noEffectConditions>) =>
  noEffectConditions(...of).map(({ message }) => message);

/** The product's source without tests, and without what reads or names settings. */
function sourceOf(folders: readonly string[]): string {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  );
  const read = files.filter(
    (file) => /\.ts$/.test(file) && !/\.test\.ts$|core\/(settings|no-effect)\//.test(file),
  );
  return read.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
}

describe('what has no effect yet', () => {
  const listed = settingMapNames.filter((name) => name !== 'argocd-cmp-cm' && name !== 'argocd-rbac-cm');

  it.each(listed)('is said of each key of %s', (name) => {
    for (const [row, words] of Object.entries(noEffectYet[name])) {
      const key = row.endsWith('.') ? `${row}anything` : row;
      const { problems } = readSettings({ [name]: { [key]: 'true' } });
      const [problem] = problems.filter(({ weight }) => weight === 'unused');
      expect(problem, key).toMatchObject({ key, message: `has no effect yet: ${words}` });
    }
  });

  it('is said of settings that are read and used nowhere, and of no others', () => {
    const source = sourceOf(['activities', 'api', 'bin', 'cli', 'cluster', 'control', 'core', 'db']);
    const unused = Object.keys({ ...defaultSettings, webhookMaxBytes: 0 }).filter(
      (field) => !new RegExp(`[.{,]\\s*${field}\\b`).test(source),
    );
    expect(unused).toEqual([]);
  });

  it('is said of no key that has one', () => {
    const { problems } = readSettings({
      'argocd-cm': {
        'webhook.maxPayloadSizeMB': '5',
        'resource.compareoptions': 'ignoreDifferencesOnResourceUpdates: false',
        'resource.customizations': 'apps/Deployment: {ignoreResourceUpdates: {jsonPointers: [/status]}}',
        'resource.customizations.ignoreResourceUpdates.all': 'jsonPointers: [/status]',
        'resource.ignoreResourceUpdatesEnabled': 'false',
      },
      'argocd-cmd-params-cm': {
        'controller.sync.timeout.seconds': '5',
        'reposerver.enable.git.submodule': 'false',
      },
    });
    expect(problems).toEqual([]);
  });

  it.each(Object.entries(noEffectYet.AppProject))('is said of the rule %s of a project', (key, words) => {
    const project = { name: 'team', spec: { [key]: [{ kind: 'deny' }] } };
    expect(messages(application, project)).toEqual([`${key} of project team has no effect yet: ${words}`]);
  });

  it('is not said of rules that allow everything, of empty ones and of those that are enforced', () => {
    const spec = {
      sourceRepos: ['*'],
      destinations: [{ namespace: '*', server: '*' }],
      clusterResourceWhitelist: [{ group: '*', kind: '*' }],
      syncWindows: [],
      roles: null,
      permitOnlyProjectScopedClusters: false,
      signatureKeys: [{ keyID: 'ABCD' }],
      description: 'ours',
    };
    expect(messages(application, { name: 'default', spec })).toEqual([]);
    expect(messages(application, undefined)).toEqual([]);
  });

  it('is said of fields, annotations and finalizers of an application', () => {
    const spec = { ...application.spec, sourceHydrator: {}, sorce: {} };
    const annotations = {
      'notifications.argoproj.io/subscribe.on-sync.slack': 'us',
      'team.example.com/a': 'b',
    };
    const finalizers = ['pre-delete-finalizer.argocd.argoproj.io', 'resources-finalizer.argocd.argoproj.io'];
    expect(messages({ spec, annotations, finalizers }, undefined)).toEqual([
      'metadata.annotations.notifications.argoproj.io/subscribe.on-sync.slack has no effect yet: nobody is notified',
      'metadata.finalizers.pre-delete-finalizer.argocd.argoproj.io has no effect yet: PreDelete hooks run in any case',
      'spec.sourceHydrator has no effect yet: nothing is hydrated, and only source and sources are deployed',
      'spec.sorce has no effect yet: it is not a known field',
    ]);
  });

  it('is said of fields within a source, of each of several, and of what is misspelt there', () => {
    const tagged = { repoURL: 'https://git.example.com/a', tagPrefix: 'app-', helm: { version: 'v2' } };
    const open = { helm: { version: 'v3', valuesObject: { any: 1 } }, kustomize: { images: [] } };
    const said = (spec: object) =>
      messages({ ...application, spec: { ...application.spec, ...spec } }, undefined);
    const own = [
      'spec.source.tagPrefix has no effect yet: versions are looked for among whole tags',
      'spec.source.helm.version has no effect yet: the one Helm of the tools renders',
    ];
    expect(said({ source: tagged })).toEqual(own);
    expect(said({ sources: [tagged] })).toEqual(own.map((one) => one.replace('source.', 'sources[0].')));
    expect(said({ source: { repoURL: tagged.repoURL, tagPrefix: null, kustomise: undefined } })).toEqual([]);
    const second = { ...open, kustomise: {}, directory: { jsonnet: { tlas: [{ name: 'a', valeu: 'b' }] } } };
    expect(
      said({ sources: [open, second], syncPolicy: { automated: { prun: true, selfHeal: null } } }),
    ).toEqual([
      'spec.sources[1].kustomise has no effect yet: it is not a known field',
      'spec.sources[1].directory.jsonnet.tlas[0].valeu has no effect yet: it is not a known field',
      'spec.syncPolicy.automated.prun has no effect yet: it is not a known field',
    ]);
  });

  it('keeps automated syncs from what would deploy something else', () => {
    const tagged = { repoURL: 'https://git.example.com/a', tagPrefix: 'app-' };
    expect(misdeployment({ ...application.spec, sourceHydrator: { drySource: {} } })).toBe(
      'Skipping automated sync: spec.sourceHydrator has no effect yet, and without it something else would be deployed (nothing is hydrated, and only source and sources are deployed)',
    );
    expect(misdeployment({ ...application.spec, sources: [{ repoURL: 'a' }, tagged] })).toContain(
      'spec.sources[1].tagPrefix has no effect yet',
    );
    const harmless = [{}, { sourceHydrator: null }, { source: { ...tagged, tagPrefix: '' } }, { sorce: {} }];
    for (const spec of harmless) expect(misdeployment({ ...application.spec, ...spec })).toBeUndefined();
  });
});
