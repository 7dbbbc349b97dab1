import { KeelsonError } from '../../core/errors.ts';
import { type Run, RunError, type RunOutput, run } from '../exec.ts';
import { privateHosts } from '../way-out/addresses.ts';
import type { Mechanism } from './command.ts';
import { type Built, type EgressRule, runInside, runOptions, type SandboxRun } from './inside.ts';
import { findProgram, findPrograms } from './programs.ts';
import { systemPlaces } from './view.ts';

export type { SandboxRun } from './inside.ts';

/** Whether programs must run in a sandbox, do so where one can be built, or run as plain children of the worker. */
export type Isolation = 'required' | 'preferred' | 'off';

export type SandboxOptions = {
  readonly isolation: Isolation;
  readonly egress?: EgressRule;
  /** Hosts, addresses and ranges that the proxy lets through although their addresses are private. */
  readonly privateHosts?: readonly string[];
  readonly searchPath?: string;
  /** Tried alone; by the rights of this process unless given. */
  readonly mechanism?: Mechanism;
  /** Hears once that programs run without a sandbox although one is preferred. */
  readonly onUnavailable?: (reason: string) => void;
  /** Runs programs elsewhere than as children of this process. */
  readonly run?: Run;
};

/** Runs programs that work on what users wrote. */
export type Sandbox = {
  run(command: string, args: readonly string[], options: SandboxRun): Promise<RunOutput>;
  /** Why this machine can't build sandboxes; undefined when it can or needn't. */
  unavailable(): Promise<string | undefined>;
};

const defaultSearchPath = '/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin';

type Support = Built | { readonly reason: string };

/** A sandbox for every run of this process; what the machine can do is tried once, at the first run. */
export function createSandbox(options: SandboxOptions): Sandbox {
  const known = privateHosts(options.privateHosts ?? []);
  const egress = options.egress ?? 'guarded';
  const start = options.run ?? run;
  let tried: Promise<Support> | undefined;
  const support = async (): Promise<Support> => {
    tried ??= findSupport(options.searchPath ?? defaultSearchPath, options.mechanism);
    return await tried;
  };
  let told = false;
  return {
    unavailable: async () => {
      const found = options.isolation === 'off' ? undefined : await support();
      return found !== undefined && 'reason' in found ? found.reason : undefined;
    },
    run: async (command, args, wanted) => {
      if (options.isolation === 'off') return await start(command, args, runOptions(wanted));
      const found = await support();
      if ('mechanism' in found) {
        return await runInside(found, { known, egress, start }, command, args, wanted);
      }
      if (options.isolation === 'required') throw refusal(found.reason);
      if (!told) options.onUnavailable?.(found.reason);
      told = true;
      return await start(command, args, runOptions(wanted));
    },
  };
}

function refusal(reason: string): KeelsonError {
  return new KeelsonError(
    'precondition-failed',
    `rendering is refused: a sandbox can't be built here (${reason}); give the worker what docs/operate/isolation.md ` +
      'lists, or set KEELSON_RENDER_ISOLATION=preferred to render without one',
  );
}

async function findSupport(searchPath: string, chosen: Mechanism | undefined): Promise<Support> {
  if (process.platform !== 'linux') return { reason: `${process.platform} has no namespaces` };
  const looked = await findPrograms(searchPath);
  if ('missing' in looked) return { reason: `${looked.missing.join(', ')} not found` };
  const { programs } = looked;
  const [ip, system] = await Promise.all([findProgram(searchPath, 'ip'), systemPlaces()]);
  const possible: readonly Mechanism[] =
    process.getuid?.() === 0 ? ['root', 'user-namespace'] : ['user-namespace'];
  const mechanisms = chosen === undefined ? possible : [chosen];
  let reason = '';
  for (const mechanism of mechanisms) {
    const built = { programs, mechanism, ip, system };
    try {
      await tryOut(built);
      return built;
    } catch (cause) {
      if (!(cause instanceof KeelsonError)) throw cause;
      reason = cause instanceof RunError && cause.stderr !== '' ? cause.stderr : cause.message;
    }
  }
  return { reason };
}

const tryOutSeconds = 20;

async function tryOut(built: Built): Promise<void> {
  const rules = { known: privateHosts([]), egress: 'guarded' as const, start: run };
  await runInside(built, rules, built.programs.env, ['true'], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    timeoutSeconds: tryOutSeconds,
    maxOutputBytes: 65_536,
    readable: [],
    writable: [],
    system: true,
  });
}
