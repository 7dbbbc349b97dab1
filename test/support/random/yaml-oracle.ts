import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { canonicalJson } from '../../../core/object/json/canonical.ts';
import { parseJson } from '../../../core/object/json/json.ts';
import { isFields } from '../../../core/object/manifest/check-manifest.ts';
import { readPrintedManifests } from '../../../core/object/manifest/read-manifests.ts';
import { differenceOf } from './yaml-snippets.ts';

/** Writes texts below a folder, by path. */
export async function writeTexts(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

/** A snippet as a part of an object whose name tells which of the files it is in. */
export function asManifest(text: string, at: number): string {
  return `apiVersion: v1\nkind: Snippet\nmetadata: {name: x-${at}}\n${text}`;
}

/** What kubectl makes of each text, undefined of those that it refuses: all of them in one folder, read once. */
export async function kubectlReadings(
  kubectl: string,
  folder: string,
  texts: readonly string[],
): Promise<(string | undefined)[]> {
  await writeTexts(folder, Object.fromEntries(texts.map((text, at) => [`${at}.yaml`, text])));
  const args = ['label', '--local', '--filename', basename(folder), '--output', 'json', 'seen=yes'];
  const { stdout, stderr } = await runProgram(kubectl, args, dirname(folder));
  const objects = stdout.split(/(?<=^\}\n)/m).map(parseJson);
  const refused = new Set([...stderr.matchAll(/ (?:\S+\/)?(\d+)\.yaml\b/g)].map(([, at]) => Number(at)));
  const byFile = Map.groupBy(objects, fileOf);
  return texts.map((_text, at) => (refused.has(at) ? undefined : canonicalJson(byFile.get(at) ?? [])));
}

/** What this reader makes of a text, in the words of kubectl's output. */
export function manifestsHere(text: string): string | undefined {
  const { manifests, issues } = readPrintedManifests(text, 'file');
  if (issues.length > 0) return undefined;
  return canonicalJson(
    manifests.map((manifest) => ({
      ...manifest,
      metadata: { ...manifest.metadata, labels: { seen: 'yes' } },
    })),
  );
}

/** How each of some snippets is read otherwise here than by kubectl. */
export async function differencesFromKubectl(
  kubectl: string,
  folder: string,
  snippets: readonly string[],
): Promise<{ readonly read: number; readonly differences: readonly object[] }> {
  const manifests = snippets.map(asManifest);
  const there = await kubectlReadings(kubectl, folder, manifests);
  const differences: object[] = [];
  for (const [at, text] of snippets.entries()) {
    const readings = { there: there[at], here: manifestsHere(asManifest(text, at)) };
    const difference = differenceOf(readings);
    if (difference === undefined) continue;
    if (difference === 'another value' && (await isByChance(kubectl, `${folder}-${at}`, text))) continue;
    differences.push({ text, difference, ...readings });
  }
  return { read: there.filter((one) => one !== undefined).length, differences };
}

const copies = 20;

/**
 * Whether kubectl reads a text now so, now so, and once as it is read here: `1` and `"1"` are two keys to it that become
 * one, in the random order of Go's maps.
 */
export async function isByChance(kubectl: string, folder: string, text: string): Promise<boolean> {
  const texts = Array.from({ length: copies }, (_, at) => asManifest(text, at));
  const readings = await kubectlReadings(kubectl, folder, texts);
  const alike = readings.filter((there, at) => there === manifestsHere(asManifest(text, at)));
  return alike.length > 0 && alike.length < copies;
}

/** Which file an object is of, by the end of its name. */
function fileOf(object: unknown): number {
  return Number(/\d+$/.exec(nameOf(object))?.[0] ?? -1);
}

/** The name of an object. */
export function nameOf(object: unknown): string {
  const metadata = isFields(object) && isFields(object['metadata']) ? object['metadata'] : {};
  return String(metadata['name']);
}

type Printed = { readonly stdout: string; readonly stderr: string };

/** What a program prints, however it ends. */
export async function runProgram(path: string, args: readonly string[], cwd: string): Promise<Printed> {
  return await new Promise((resolve, reject) => {
    const options = { cwd, env: { HOME: cwd }, maxBuffer: 256 * 1024 * 1024 };
    execFile(path, args, options, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve({ stdout, stderr });
    });
  });
}

/** What a text of readings says of a snippet, without what makes it an object. */
export function ownFields(reading: string): unknown {
  const objects = parseJson(reading);
  const own = (Array.isArray(objects) ? objects : []).map((object) =>
    Object.fromEntries(
      Object.entries(isFields(object) ? object : {}).filter(([field]) => !identity.has(field)),
    ),
  );
  return own.length === 1 ? own[0] : own;
}

const identity: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);
