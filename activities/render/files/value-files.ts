import { copyFile, mkdir, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { expandPathGlob, isPathGlob, type PathEntry } from '../../../core/text/path-glob.ts';
import { substitute } from '../environment.ts';
import { renderFailure } from '../failure.ts';
import type { Rendering } from '../request.ts';
import { isInside, locate } from './confine.ts';
import { refName } from './refs.ts';
import { fetchFile, isAddress } from './remote-file.ts';

/** Where a path of the source leads: a folder to start from, a root that it may not leave, and the rest of the path. */
type Start = {
  readonly root: string;
  readonly folder: string;
  readonly path: string;
  /** Name of the source that lends the file, where it is another one. */
  readonly ref?: string;
};

/**
 * The value files of a source, in the order of their precedence. One that is listed several times counts each time, as
 * for Helm; a pattern stands for all files that match it and are neither listed by name nor found by a pattern before.
 */
export async function valueFiles(
  rendering: Rendering,
  names: readonly string[],
  options: { readonly mayMiss: boolean },
): Promise<string[]> {
  const starts = await Promise.all(names.map((name) => startOf(rendering, name, 'value file')));
  const listed = new Set(
    starts.filter(({ path }) => !isPathGlob(path)).map(({ folder, path }) => join(folder, path)),
  );
  const matched = new Set<string>();
  const chosen: { readonly path: string; readonly start: Start }[] = [];
  for (const [index, start] of starts.entries()) {
    const name = names[index] ?? '';
    if (!isPathGlob(start.path)) {
      const found = await existing(rendering, start, name, options.mayMiss);
      chosen.push(...found.map((path) => ({ path, start })));
      continue;
    }
    const found = await matches(rendering, start, name, options.mayMiss);
    for (const path of found.filter((one) => !listed.has(one) && !matched.has(one))) {
      matched.add(path);
      chosen.push({ path, start });
    }
  }
  // The same file of another source may come twice, and is copied once.
  const paths: string[] = [];
  for (const { path, start } of chosen) paths.push(await atHand(rendering, start, path));
  return paths;
}

/** One file that the source names by a path, such as that of a file parameter. */
export async function namedFile(rendering: Rendering, name: string, role: string): Promise<string> {
  const start = await startOf(rendering, name, role);
  return await atHand(rendering, start, await located(rendering, start, name, role));
}

/** Paths are relative to the source's folder, or to the repository with a slash or the name of a source in front. */
async function startOf(rendering: Rendering, name: string, role: string): Promise<Start> {
  const ref = rendering.refs === undefined ? undefined : refName(name);
  if (ref !== undefined) return await startInRef(rendering, ref, name, role);
  const path = substitute(name, rendering.variables);
  if (isAddress(path)) {
    const { scratch } = rendering;
    return { root: scratch, folder: scratch, path: await fetchFile(rendering, path, role) };
  }
  return { root: rendering.root, folder: path.startsWith('/') ? rendering.root : rendering.folder, path };
}

async function startInRef(rendering: Rendering, ref: string, name: string, role: string): Promise<Start> {
  const path = substitute(name.slice(ref.length + 1), rendering.variables);
  if (path.replaceAll('/', '') === '') {
    throw renderFailure(rendering, `${role} ${name}: no file path after the ref name; add the file's path`);
  }
  // The names were checked before anything was rendered.
  const root = await realpath((await rendering.refs?.get(ref)?.root()) ?? '');
  return { root, folder: root, path, ref };
}

async function existing(
  rendering: Rendering,
  start: Start,
  name: string,
  mayMiss: boolean,
): Promise<string[]> {
  const place = await locate(start.root, start.folder, start.path);
  if (place.kind === 'missing' && mayMiss) return [];
  return [await located(rendering, start, name, 'value file')];
}

async function located(rendering: Rendering, start: Start, name: string, role: string): Promise<string> {
  const place = await locate(start.root, start.folder, start.path);
  if (place.kind === 'found') return place.path;
  if (place.kind === 'outside') {
    throw renderFailure(rendering, `${role} ${name} leads out of the repository; use a path inside it`);
  }
  const flag = role === 'value file' ? ' or set ignoreMissingValueFiles' : '';
  const hint =
    rendering.refs === undefined && name.startsWith('$')
      ? '; only an application with spec.sources can take files of another source'
      : '';
  throw renderFailure(rendering, `${role} ${name} does not exist; correct the path${flag}${hint}`);
}

async function matches(
  rendering: Rendering,
  start: Start,
  name: string,
  mayMiss: boolean,
): Promise<string[]> {
  const glob = join(start.folder, start.path);
  if (!isInside(start.root, glob)) {
    throw renderFailure(rendering, `value file ${name} leads out of the repository; use a path inside it`);
  }
  const found = await expandPathGlob(relative(start.root, glob), (folder) =>
    listFolder(join(start.root, folder)),
  );
  if (found.length === 0 && !mayMiss) {
    throw renderFailure(
      rendering,
      `values file glob "${name}" matched no files; correct the pattern or set ignoreMissingValueFiles`,
    );
  }
  return await Promise.all(
    found.map((path) =>
      located(rendering, { ...start, folder: start.root, path }, `${path} of ${name}`, 'value file'),
    ),
  );
}

async function listFolder(folder: string): Promise<PathEntry[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const listed = entries.map(async (entry): Promise<PathEntry[]> => {
    const linked = entry.isSymbolicLink();
    // A link that leads nowhere is no file.
    const target = linked ? await stat(join(folder, entry.name)).catch(() => undefined) : entry;
    if (target === undefined || entry.name === '.git') return [];
    return [{ name: entry.name, kind: target.isDirectory() ? 'folder' : 'file', linked }];
  });
  return (await Promise.all(listed)).flat();
}

/** Files of other sources are copied, so that a program has to see no repository but its own. */
async function atHand(rendering: Rendering, { root, ref }: Start, path: string): Promise<string> {
  if (ref === undefined) return path;
  const copy = join(rendering.scratch, 'refs', ref, relative(root, path));
  await mkdir(dirname(copy), { recursive: true });
  await copyFile(path, copy);
  return copy;
}
