import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { KeelsonError } from '../../core/errors.ts';
import { formatJson } from '../../core/object/json/json.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { readDirectoryFile, readManifests } from '../../core/object/manifest/read-manifests.ts';
import { sourceKindOf } from '../../core/render/tools.ts';
import { readNamedFile, readNamedFolder, unreadablePath } from './read-path.ts';

/**
 * Reads the manifests of a file, of the files directly in a folder, or of standard input (`-`), as JSON texts. A chart
 * or kustomization has to be rendered first: the command has no renderer of its own.
 */
export async function readLocalManifests(path: string, stdin: NodeJS.ReadableStream): Promise<string[]> {
  const manifests = path === '-' ? parse(await text(stdin), 'standard input') : await readPath(path);
  if (manifests.length > 0) return manifests.map((manifest) => formatJson(manifest));
  throw new KeelsonError('invalid-argument', `--local ${path} holds no manifests; nothing would be synced`);
}

async function readPath(path: string): Promise<readonly Manifest[]> {
  const subject = `--local ${path}`;
  const found = await stat(path).catch((cause: unknown) => {
    throw unreadablePath(subject, 'file', cause);
  });
  if (!found.isDirectory()) return parse(await readNamedFile(path, subject), path);
  const names = await readNamedFolder(path, subject);
  const kind = sourceKindOf({ repoURL: '' }, names);
  if (kind !== 'Directory') {
    const how = kind === 'Helm' ? 'helm template' : 'kustomize build';
    throw new KeelsonError(
      'invalid-argument',
      `--local ${path} has to be rendered by ${kind}; pass its output instead: ${how} ${path} | keelson app sync NAME --local -`,
    );
  }
  const all: Manifest[] = [];
  for (const name of names.filter((one) => /\.(ya?ml|json)$/.test(one))) {
    const content = await readNamedFile(join(path, name), `--local ${join(path, name)}`);
    const { manifests, issues, doubts } = readDirectoryFile(content, name);
    // The server can't know that there is more, and would prune it.
    const [issue] = [...issues, ...doubts];
    if (issue !== undefined) throw new KeelsonError('manifest-invalid', `${issue.path}: ${issue.message}`);
    all.push(...manifests);
  }
  return all;
}

function parse(content: string, name: string): readonly Manifest[] {
  const { manifests, issues } = readManifests(content, name);
  const [issue] = issues;
  if (issue !== undefined) throw new KeelsonError('manifest-invalid', `${issue.path}: ${issue.message}`);
  return manifests;
}
