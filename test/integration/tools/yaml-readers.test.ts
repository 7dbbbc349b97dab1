import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../core/object/json/canonical.ts';
import { parseJson } from '../../../core/object/json/json.ts';
import { isFields } from '../../../core/object/manifest/check-manifest.ts';
import type { FileKind } from '../../../core/yaml/file-kinds.ts';
import { readDocuments, readUpToEnd } from '../../../core/yaml/read.ts';
import { toolPaths } from '../../../local/obtain/tools.ts';
import {
  asManifest,
  isByChance,
  kubectlReadings,
  manifestsHere,
  nameOf,
  ownFields,
  runProgram,
  writeTexts,
} from '../../support/random/yaml-oracle.ts';
import { differenceOf, type YamlSnippet, yamlSnippets } from '../../support/random/yaml-snippets.ts';

const documents = yamlSnippets('documents');
const streams = yamlSnippets('streams');
/** Those that the final readers read, and this one too. */
const common = documents.filter(({ refused, here }) => refused !== true && here === undefined);

describe('core/yaml beside the final readers', () => {
  let tools: Readonly<Record<'kubectl' | 'helm' | 'kustomize', string>>;
  let folder = '';

  beforeAll(async () => {
    tools = await toolPaths(['kubectl', 'helm', 'kustomize']);
    folder = await mkdtemp(join(tmpdir(), 'keelson-yaml-'));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('reads documents as kubectl does, but for what is listed', async () => {
    const texts = documents.map(({ text }, at) => asManifest(text, at));
    const there = await kubectlReadings(tools.kubectl, join(folder, 'documents'), texts);
    expect(differences(documents, there, texts.map(manifestsHere))).toEqual(listed(documents));
    expect(documents.filter((_snippet, at) => there[at] === undefined)).toEqual(
      documents.filter(({ refused }) => refused === true),
    );
    const valued = documents.flatMap(({ value }, at) => (value === undefined ? [] : [{ at, value }]));
    expect(valued.map(({ at }) => ownFields(there[at] ?? '[]'))).toEqual(valued.map(({ value }) => value));
  });

  it('reads otherwise by chance what kubectl reads now so, now so', async () => {
    const texts = documents.filter(({ here }) => here === 'by chance').map(({ text }) => text);
    expect(texts).not.toEqual([]);
    for (const [at, text] of texts.entries()) {
      expect(await isByChance(tools.kubectl, join(folder, `chance-${at}`), text), text).toBe(true);
    }
  });

  it('reads streams of documents and JSON objects as kubectl does, but for what is listed', async () => {
    const texts = streams.map(({ text }, at) => text.replaceAll('FILE', String(at)));
    const there = await kubectlReadings(tools.kubectl, join(folder, 'streams'), texts);
    expect(differences(streams, there, texts.map(manifestsHere))).toEqual(listed(streams));
  });

  it('reads values, and what else is one document, as Helm does', async () => {
    const charts = common.map(({ text }, at) => ({
      [`values/charts/x-${at}/Chart.yaml`]: chartFile(`x-${at}`),
      [`values/charts/x-${at}/values.yaml`]: text,
      [`values/charts/x-${at}/templates/seen.yaml`]:
        '{"name": "{{ .Chart.Name }}", "seen": {{ omit .Values "global" | toJson | b64enc | quote }}}',
    }));
    await writeTexts(folder, Object.assign({ 'values/Chart.yaml': chartFile('all') }, ...charts));
    const there = seenBy(await helmTemplate('values'));
    for (const kind of ['values', 'settings', 'sourceOverride', 'own'] satisfies FileKind[]) {
      const here = common.map(({ text }) => canonicalJson(asHelmHolds(readUpToEnd(text, kind).value ?? {})));
      expect(differences(common, there, here)).toEqual([]);
    }
  });

  it('reads texts of Chart.yaml as Helm does', async () => {
    const texts = textSnippets('description');
    const charts = texts.map((text, at) => ({
      [`charts/charts/x-${at}/Chart.yaml`]: `${chartFile(`x-${at}`)}${text}`,
      [`charts/charts/x-${at}/templates/seen.yaml`]:
        '{"name": "{{ .Chart.Name }}", "seen": {{ .Chart.Description | toJson | b64enc | quote }}}',
    }));
    await writeTexts(folder, Object.assign({ 'charts/Chart.yaml': chartFile('all') }, ...charts));
    const there = seenBy(await helmTemplate('charts'));
    const here = texts.map((text) =>
      canonicalJson(asHelmShows(textOf(readUpToEnd(text, 'chart').value, 'description'))),
    );
    expect(texts.length).toBeGreaterThan(50);
    expect(there).toEqual(here);
  });

  it('reads texts of kustomization.yaml as Kustomize does', async () => {
    const texts = textSnippets('nameSuffix');
    const parts = texts.map((text, at) => [`kustomize/${at}/kustomization.yaml`, `${generator(at)}${text}`]);
    const all = `resources: [${texts.map((_text, at) => `'${at}'`).join(', ')}]\n`;
    await writeTexts(folder, { ...Object.fromEntries(parts), 'kustomize/kustomization.yaml': all });
    const { stdout } = await runProgram(tools.kustomize, ['build', 'kustomize'], folder);
    // Names that no cluster takes are refused as manifests, so the texts are compared before that.
    const built = readDocuments(stdout, 'manifests').map((one) => nameOf('value' in one ? one.value : {}));
    const here = texts.map(
      (text, at) => `x-${at}-${textOf(readUpToEnd(text, 'kustomization').value, 'nameSuffix')}`,
    );
    expect(texts.length).toBeGreaterThan(50);
    expect(built.toSorted()).toEqual(here.toSorted());
  });

  async function helmTemplate(chart: string): Promise<unknown[]> {
    const { stdout, stderr } = await runProgram(tools.helm, ['template', chart], folder);
    const read = readDocuments(stdout, 'manifests').flatMap((one) => ('value' in one ? [one.value] : []));
    expect(read.length, stderr).toBeGreaterThan(0);
    return read;
  }
});

function chartFile(name: string): string {
  return `apiVersion: v2\nname: ${name}\nversion: 0.1.0\n`;
}

function generator(at: number): string {
  return `configMapGenerator: [{name: x-${at}-, literals: [a=b]}]\ngeneratorOptions: {disableNameSuffixHash: true}\n`;
}

/** Snippets of one text, as the text of a field; what tools replace in the texts of names is left out. */
function textSnippets(field: string): string[] {
  return common
    .filter(({ text }) => /^x *:/.test(text) && isPlain(textOf(readUpToEnd(text, 'own').value, 'x')))
    .map(({ text }) => text.replace(/^x/, field));
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' && /^[\n\t\x20-\x7e]*$/.test(value);
}

/** Helm turns blanks in the texts of Chart.yaml into spaces. */
function asHelmShows(value: unknown): string {
  return String(value).replaceAll(/\s/g, ' ');
}

function textOf(value: unknown, field: string): unknown {
  return isFields(value) && Object.keys(value).length === 1 ? value[field] : undefined;
}

/** What the charts have printed, by the numbers in their names. */
function seenBy(printed: readonly unknown[]): string[] {
  const seen: string[] = [];
  for (const one of printed) {
    if (!isFields(one)) continue;
    const json = Buffer.from(String(one['seen']), 'base64').toString();
    seen[Number(String(one['name']).slice('x-'.length))] = canonicalJson(asHelmHolds(parseJson(json)));
  }
  return seen;
}

/** For Helm a null in values is a field that isn't there, and every number is a float. */
function asHelmHolds(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(asHelmHolds);
  if (!isFields(value)) return value;
  const kept = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(kept.map(([key, inner]) => [key, asHelmHolds(inner)]));
}

type Difference = { readonly text: string; readonly here: string };

function differences(
  snippets: readonly YamlSnippet[],
  there: readonly (string | undefined)[],
  here: readonly (string | undefined)[],
): Difference[] {
  return snippets.flatMap(({ text, here: told }, at) => {
    if (told === 'by chance') return [];
    const difference = differenceOf({ there: there[at], here: here[at] });
    return difference === undefined ? [] : [{ text, here: difference }];
  });
}

function listed(snippets: readonly YamlSnippet[]): Difference[] {
  return snippets.flatMap(({ text, here }) =>
    here === undefined || here === 'by chance' ? [] : [{ text, here }],
  );
}
