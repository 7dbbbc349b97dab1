import { stringify } from 'yaml';
import { configMap, yamlOf } from '../../test/support/keelson/applications.ts';
import type { FileContent } from '../../test/support/render/git-import.ts';

/** Applications to a shared base. */
const perBase = 10;

/** A repository of many applications, and the folder of each. */
export type Monorepo = {
  readonly files: Readonly<Record<string, FileContent>>;
  /** Folders of the applications, by their names. */
  readonly folders: ReadonlyMap<string, string>;
};

/** Three tenths plain manifests, four tenths overlays of shared bases, three tenths charts with one library chart. */
export function monorepoOf(applications: number): Monorepo {
  const files: Record<string, FileContent> = {
    'README.md': 'A repository of many applications.\n',
    'lib/Chart.yaml': stringify({ apiVersion: 'v2', name: 'lib', version: '1.0.0', type: 'library' }),
    'lib/templates/_word.tpl': libraryTemplate(0),
  };
  const folders = new Map<string, string>();
  for (let number = 0; number < applications; number++) {
    const name = `app-${String(number).padStart(4, '0')}`;
    const share = number % 10;
    const kind = share < 3 ? 'plain' : share < 7 ? 'overlays' : 'charts';
    folders.set(name, `${kind}/${name}`);
    if (kind === 'plain') files[`plain/${name}/app.yaml`] = yamlOf(configMap(name, { of: 'plain' }));
    if (kind === 'overlays') addOverlay(files, name, Math.floor(number / perBase));
    if (kind === 'charts') addChart(files, name);
  }
  return { files, folders };
}

/** The one template of the library chart. */
export function libraryTemplate(version: number): string {
  return `{{ define "lib.word" }}word ${version}{{ end }}`;
}

function addOverlay(files: Record<string, FileContent>, name: string, number: number): void {
  const base = `bases/base-${Math.floor(number / (perBase / 4))}`;
  files[`${base}/kustomization.yaml`] = stringify({ resources: ['base.yaml'] });
  files[`${base}/base.yaml`] = yamlOf(configMap('base', { version: '0' }));
  files[`overlays/${name}/kustomization.yaml`] = stringify({
    namePrefix: `${name}-`,
    resources: [`../../${base}`],
    patches: [{ path: 'patch.yaml', target: { kind: 'ConfigMap' } }],
  });
  files[`overlays/${name}/patch.yaml`] = overlayPatch(0);
}

/** The patch of an overlay. */
export function overlayPatch(version: number): string {
  return stringify([{ op: 'add', path: '/data/patched', value: String(version) }]);
}

function addChart(files: Record<string, FileContent>, name: string): void {
  files[`charts/${name}/Chart.yaml`] = stringify({ apiVersion: 'v2', name, version: '1.0.0' });
  files[`charts/${name}/charts/lib`] = { symlink: '../../../lib' };
  files[`charts/${name}/templates/cm.yaml`] = `apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}}
data: {word: {{ include "lib.word" . | quote }}}
`;
}
