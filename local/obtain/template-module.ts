import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KeelsonError } from '../../core/errors.ts';
import { ownField } from '../../core/own-field.ts';
import { toolVariable } from '../../platform/chosen-tool.ts';
import { type Artefact, purposes } from './artefact.ts';
import { buildWithGo, findGo, reportingBuild } from './go-build.ts';
import { makeOnce } from './make-once.ts';

/** The name of the module in the list of what is obtained. */
export const templateModuleName = 'gotemplate';

/** Folder of the Go program that the module is built from. */
const sourceFolder = fileURLToPath(new URL('../../platform/gotemplate/go/', import.meta.url));

/** Where a package or an image brings the module: it is built before they are made. */
const broughtFolder = fileURLToPath(new URL('../../dist/', import.meta.url));

/** Measured on two cores with an empty build cache. */
const expectedSeconds = 25;

/** What the module's place depends on; tests give their own. */
export type TemplateModuleOptions = {
  readonly env: NodeJS.ProcessEnv;
  readonly cacheDir: string;
  /** The oldest Go that builds it. */
  readonly goVersion: string;
  readonly broughtFolder?: string;
};

/**
 * The file name of the module: it names the sources, go.mod and go.sum that it was built from, so that one of other
 * sources is never taken for it.
 */
export function templateModuleFile(): string {
  const digest = createHash('sha256');
  const names = readdirSync(sourceFolder).sort();
  for (const name of names)
    digest
      .update(`${name}\0`)
      .update(readFileSync(join(sourceFolder, name)))
      .update('\0');
  return `gotemplate-${digest.digest('hex').slice(0, 16)}.wasm`;
}

/**
 * The WebAssembly module of Go's templates: the one that a variable names, the one that a package or image brings, or
 * one that Go builds. Without it everything starts; what needs templates says how to get it.
 */
export function templateModule(options: TemplateModuleOptions): Artefact {
  const { env, cacheDir, goVersion } = options;
  const file = templateModuleFile();
  const places = [
    join(options.broughtFolder ?? broughtFolder, file),
    join(cacheDir, templateModuleName, file),
  ];
  const built = join(cacheDir, templateModuleName, file);

  const unavailable = (reason: string, cause?: unknown): KeelsonError =>
    new KeelsonError(
      'tool-missing',
      `module of Go templates can't be had (${reason}); install Go >= ${goVersion} and run npm run tools, or set ` +
        `${toolVariable(templateModuleName)} to the path of a module that was built elsewhere`,
      { cause },
    );

  return {
    name: templateModuleName,
    title: `${templateModuleName} (runs Go templates and expressions)`,
    neededFor: purposes,
    optional: true,
    family: templateModuleName,
    expectedSeconds,
    find: async () => {
      const chosen = ownField(env, toolVariable(templateModuleName));
      if (chosen === undefined || chosen === '') return places.find((place) => existsSync(place));
      if (existsSync(chosen)) return chosen;
      throw new KeelsonError(
        'tool-missing',
        `${toolVariable(templateModuleName)} must be the path of a file, but is ${chosen}; correct or unset it`,
      );
    },
    obtain: (how) =>
      makeOnce(built, existsSync, how, async (part) => {
        const compiler = await findGo(goVersion, env);
        if ('problem' in compiler) throw unavailable(compiler.problem);
        try {
          await reportingBuild(expectedSeconds, how, () =>
            buildWithGo(part, {
              goPath: compiler.path,
              env,
              signal: how.signal,
              moduleDir: sourceFolder,
              package: '.',
              asWasmReactor: true,
            }),
          );
        } catch (cause) {
          how.signal.throwIfAborted();
          throw unavailable(cause instanceof Error ? cause.message : String(cause), cause);
        }
      }),
  };
}
