import { KeelsonError } from '../../core/errors.ts';
import type { Reporter } from '../reporter.ts';
import type { Artefact, Purpose } from './artefact.ts';
import { debianPrograms } from './debian-program.ts';
import { createDownloader } from './download.ts';
import { obtainAll, stoppedWhileObtaining } from './obtain.ts';
import { templateModule, type templateModuleName } from './template-module.ts';
import { createToolchain, toolsFolder } from './toolchain.ts';
import { readToolsLock } from './tools-lock.ts';

const always: readonly Purpose[] = ['start', 'test', 'bench'];

/** What each purpose needs of the pinned tools, in the order in which they are obtained. */
const pinnedTools = {
  temporal: always,
  'kube-apiserver': always,
  'kube-controller-manager': always,
  'kube-scheduler': always,
  kubectl: always,
  etcd: always,
  kwok: always,
  helm: [...always, 'render'],
  kustomize: [...always, 'render'],
  jsonnet: [...always, 'render'],
  registry: ['test'],
  'temporal-server': ['bench'],
  'temporal-sql-tool': ['bench'],
} as const satisfies Record<string, readonly Purpose[]>;

/** A tool that local/tools.lock.json pins. */
export type ToolName = keyof typeof pinnedTools;

/** The pinned tools that a purpose needs. */
export function pinnedFor(purpose: Purpose): ToolName[] {
  const entries = Object.entries(pinnedTools) as [ToolName, readonly Purpose[]][];
  return entries.flatMap(([name, neededFor]) => (neededFor.includes(purpose) ? name : []));
}

/** A program that tests take from the machine's distribution. */
export type DistributionProgram = keyof typeof debianPrograms;

/** Only for benchmarks of the production Temporal server; the others leave them out. */
export const productionTemporal = ['temporal-server', 'temporal-sql-tool'] as const;

let known: readonly Artefact[] | undefined;

/** The one list of everything that is fetched, built or installed, for every purpose. */
export function artefacts(): readonly Artefact[] {
  known ??= listArtefacts();
  return known;
}

function listArtefacts(): readonly Artefact[] {
  const lock = readToolsLock();
  const toolchain = createToolchain({
    lock,
    env: process.env,
    cacheDir: toolsFolder(),
    downloader: createDownloader(),
  });
  return [
    ...Object.entries(pinnedTools).map(([name, neededFor]) => toolchain.artefact(name, neededFor)),
    templateModule({ env: process.env, cacheDir: toolsFolder(), goVersion: lock.goVersion }),
    ...Object.values(debianPrograms),
  ];
}

/** For whom things are obtained and who hears of it. */
export type ObtainingFor = {
  readonly reporter: Reporter;
  /** What the user brings along instead. */
  readonly except?: readonly ToolName[];
  /** Ends it early; without one Ctrl-C and requests to end do. */
  readonly signal?: AbortSignal;
};

/**
 * Makes everything present that a purpose needs. It may take minutes, so it is called before anything with a deadline
 * begins: before the first role, the first test, the first figure.
 */
export async function obtainFor(purpose: Purpose, options: ObtainingFor): Promise<void> {
  const { except = [], reporter, signal } = options;
  const wanted = artefacts().filter(
    ({ name, neededFor }) => neededFor.includes(purpose) && !except.some((brought) => brought === name),
  );
  if (signal !== undefined) return obtainAll(wanted, { reporter, signal });
  await untilStopped((own) => obtainAll(wanted, { reporter, signal: own }));
}

/**
 * The path of something that was obtained before. It never fetches anything, so it may be called within any deadline:
 * what is missing is an error that says how to get it.
 */
export async function toolPath(
  name: ToolName | DistributionProgram | typeof templateModuleName,
): Promise<string> {
  const artefact = artefacts().find((candidate) => candidate.name === name);
  const path = await artefact?.find();
  if (path !== undefined) return path;
  const [purpose = 'start'] = artefact?.neededFor ?? [];
  throw new KeelsonError(
    'tool-missing',
    `tool ${artefact?.title ?? name} is not on this machine; get it with: npm run tools -- ${purpose}`,
  );
}

/** The paths of several that were obtained before. */
export async function toolPaths<Name extends ToolName>(
  names: readonly Name[],
): Promise<Readonly<Record<Name, string>>> {
  const paths = await Promise.all(names.map(async (name) => [name, await toolPath(name)] as const));
  return Object.fromEntries(paths) as Record<Name, string>;
}

/** Gives work a signal that aborts when this process is asked to end while the work is under way. */
async function untilStopped(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const abort = (): void => stop.abort(stoppedWhileObtaining());
  const requests = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const request of requests) process.on(request, abort);
  try {
    await work(stop.signal);
  } finally {
    for (const request of requests) process.off(request, abort);
  }
}
