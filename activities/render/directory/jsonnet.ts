import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { DirectorySource } from '../../../core/application/source/source-spec.ts';
import { parseJson } from '../../../core/object/json/json.ts';
import type { ReadManifests } from '../../../core/object/manifest/read-manifests.ts';
import { readManifestValues } from '../../../core/object/manifest/read-manifests.ts';
import { substitute } from '../environment.ts';
import { type Remedy, renderFailure } from '../failure.ts';
import { locate } from '../files/confine.ts';
import type { Rendering } from '../request.ts';
import { runTool } from '../tool.ts';

type JsonnetOptions = NonNullable<DirectorySource['jsonnet']>;
type Variable = NonNullable<JsonnetOptions['tlas']>[number];

/** Evaluates one Jsonnet file of a folder. */
export type EvaluateJsonnet = (path: string) => Promise<ReadManifests>;

const remedies: readonly Remedy[] = [
  {
    pattern: /undefined external variable/i,
    remedy: 'set it in directory.jsonnet.extVars',
  },
  {
    pattern: /missing argument/i,
    remedy: 'set it in directory.jsonnet.tlas',
  },
  {
    pattern: /couldn't open import/i,
    remedy:
      "correct the path or add its folder to directory.jsonnet.libs, written from the repository's root",
  },
];

/** Prepares the evaluation of a source's Jsonnet files: they share variables and import path. */
export async function jsonnetEvaluator(
  rendering: Rendering,
  options: JsonnetOptions = {},
): Promise<EvaluateJsonnet> {
  const args = [
    // The reason stands above the trace, and of what a tool says the last lines are kept.
    '--max-trace',
    '2',
    ...(await importPath(rendering, options.libs ?? [])).flatMap((folder) => ['--jpath', folder]),
    ...(await variableArguments(rendering, 'ext', options.extVars ?? [])),
    ...(await variableArguments(rendering, 'tla', options.tlas ?? [])),
  ];
  return async (path) => {
    const name = relative(rendering.root, path);
    const { stdout } = await runTool(rendering, {
      name: `jsonnet ${name}`,
      path: rendering.tools.jsonnet,
      args: [...args, '--', path],
      cwd: rendering.folder,
      remedies,
    });
    const value: unknown = parseJson(stdout);
    // One object or a list of them: a map of objects by file name is another tool's custom.
    return readManifestValues(Array.isArray(value) ? value : [value], name);
  };
}

/** The application's folder, then the libraries; of two files with one name the one in the later folder counts. */
async function importPath(rendering: Rendering, libs: readonly string[]): Promise<string[]> {
  const folders = [rendering.folder];
  for (const lib of libs) {
    const place = await locate(rendering.root, rendering.root, lib);
    if (place.kind === 'outside') {
      throw renderFailure(
        rendering,
        `jsonnet library ${lib} leads out of the repository; use a path inside it`,
      );
    }
    if (place.kind === 'found') folders.push(place.path);
  }
  return folders;
}

/** Values go by files: they may be longer than an argument can be, and a process list shows arguments. */
async function variableArguments(
  rendering: Rendering,
  kind: 'ext' | 'tla',
  variables: readonly Variable[],
): Promise<string[]> {
  const folder = join(rendering.scratch, `jsonnet-${kind}`);
  await mkdir(folder, { mode: 0o700 });
  const args: string[] = [];
  for (const [index, { name, value, code }] of variables.entries()) {
    const file = join(folder, String(index));
    await writeFile(file, substitute(value, rendering.variables), { mode: 0o600 });
    args.push(`--${kind}-${code === true ? 'code' : 'str'}-file`, `${name}=${file}`);
  }
  return args;
}
