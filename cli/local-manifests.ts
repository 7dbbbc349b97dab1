import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { sourceKindOf } from '../core/application/source.ts';
import { KeelsonError } from '../core/errors.ts';
import { formatJson } from '../core/object/json.ts';
import type { Manifest } from '../core/object/manifest.ts';
import { readDirectoryFile, readManifests } from '../core/object/read-manifests.ts';

/**
 * Reads the manifests of a file, of the files directly in a folder, or of standard input (`-`), as JSON texts. A chart
 * or kustomization has to be rendered first: the command has no renderer of its own.
 */
export async function readLocalManifests(path: string, stdin: NodeJS.ReadableStream): Promise<string[]> {
  const manifests = path === '-' ? parse(await text(stdin), 'standard input') : readPath(path);
  if (manifests.length > 0) return manifests.map((manifest) => formatJson(manifest));
  throw new KeelsonError('invalid-argument', `--local ${path} holds no manifests; nothing would be synced`);
}

function readPath(path: string): readonly Manifest[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new KeelsonError('invalid-argument', `--local ${path} does not exist; give a file or folder`);
  }
  if (!stat.isDirectory()) return parse(readFileSync(path, 'utf8'), path);
  const names = readdirSync(path).sort();
  const kind = sourceKindOf({ repoURL: '' }, names);
  if (kind !== 'Directory') {
    const how = kind === 'Helm' ? 'helm template' : 'kustomize build';
    throw new KeelsonError(
      'invalid-argument',
      `--local ${path} has to be rendered by ${kind}; pass its output instead: ${how} ${path} | keelson app sync NAME --local -`,
    );
  }
  return names
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .flatMap((name) => {
      const { manifests, issues, doubts } = readDirectoryFile(readFileSync(join(path, name), 'utf8'), name);
      // The server can't know that there is more, and would prune it.
      const [issue] = [...issues, ...doubts];
      if (issue !== undefined) throw new KeelsonError('manifest-invalid', `${issue.path}: ${issue.message}`);
      return manifests;
    });
}

function parse(content: string, name: string): readonly Manifest[] {
  const { manifests, issues } = readManifests(content, name);
  const [issue] = issues;
  if (issue !== undefined) throw new KeelsonError('manifest-invalid', `${issue.path}: ${issue.message}`);
  return manifests;
}
