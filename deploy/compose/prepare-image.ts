import { chmod, copyFile, cp, mkdir, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { builtUi } from '../../bin/up/build-ui.ts';
import { templateModuleFile, templateModuleName } from '../../local/obtain/template-module.ts';
import { obtainFor, toolPath, toolPaths } from '../../local/obtain/tools.ts';
import { createReporter, type Reporter } from '../../local/reporter.ts';
import { createLogger } from '../../platform/logger.ts';
import { workflowBundle } from '../../platform/temporal/bundle.ts';

/** The module of Go's templates under the name by which the product looks for it beside its sources. */
export async function bringTemplateModule(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await copyFile(await toolPath(templateModuleName), join(folder, templateModuleFile()));
}

/** Makes what the image holds besides sources and packages: workflow bundle, web UI, and the programs that render. */
export async function prepareImage(folder: string, reporter: Reporter): Promise<void> {
  await mkdir(join(folder, 'bin'), { recursive: true });
  const log = createLogger({ name: 'prepare-image', level: 'warn' });
  const bundle = await workflowBundle(join(folder, 'bundles'), log);
  await rename(bundle, join(folder, 'workflows.js'));

  const ui = await builtUi(reporter);
  const target = join(folder, 'ui');
  if (resolve(ui) !== resolve(target)) await cp(ui, target, { recursive: true });

  await obtainFor('render', { reporter });
  await bringTemplateModule(folder);
  const tools = await toolPaths(['helm', 'kustomize', 'jsonnet']);
  for (const [name, path] of Object.entries(tools)) {
    await copyFile(path, join(folder, 'bin', name));
    await chmod(join(folder, 'bin', name), 0o755);
  }
}

if (import.meta.main) await prepareImage(resolve(process.argv[2] ?? 'dist'), createReporter());
