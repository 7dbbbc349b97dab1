import { KeelsonError } from '../../core/errors.ts';
import { parseJson } from '../../core/object/json/json.ts';
import {
  Announcements,
  type ParameterAnnouncement,
  type PluginCommand,
  type PluginFile,
} from '../../core/plugin/plugin-file.ts';
import { RunError, type RunOptions, type RunOutput } from '../../platform/exec.ts';
import type { PluginLimits } from './plugin.ts';

/** Starts a program of a plugin. */
export type RunProgram = (
  command: string,
  args: readonly string[],
  options: Pick<RunOptions, 'cwd' | 'maxOutputBytes' | 'name' | 'timeoutSeconds'>,
) => Promise<RunOutput>;

/** A copy of a source's files that belongs to one task of a plugin. */
export type PluginCopy = {
  readonly root: string;
  /** The source's folder in it, where programs start. */
  readonly folder: string;
};

/** What a plugin does with a copy of the files: its programs, within the limits of the task. */
export type PluginSteps = {
  ask(): Promise<boolean>;
  generate(): Promise<string>;
  parameters(): Promise<readonly ParameterAnnouncement[]>;
};

/** Limits, and how somebody who meets that of time can raise it. */
type StepLimits = PluginLimits & { readonly raise?: string };

/** The steps of a plugin on a copy. */
export function pluginSteps(
  plugin: PluginFile,
  copy: PluginCopy,
  limits: StepLimits,
  runProgram: RunProgram,
): PluginSteps {
  const deadline = performance.now() + limits.timeoutSeconds * 1000;
  const step = async (name: string, { command, args }: PluginCommand): Promise<string> => {
    const [program = '', ...first] = command;
    try {
      const { stdout } = await runProgram(program, [...first, ...args], {
        name: `plugin ${plugin.address}`,
        cwd: copy.folder,
        timeoutSeconds: Math.max((deadline - performance.now()) / 1000, 0.001),
        maxOutputBytes: limits.maxOutputBytes,
      });
      return stdout;
    } catch (cause) {
      throw stepFailure(plugin.address, name, program, limits, copy, cause);
    }
  };
  return {
    ask: async () => {
      const { command } = plugin.discovery;
      return command !== undefined && (await step('discover', command)) !== '';
    },
    generate: async () => {
      if (plugin.init !== undefined) await step('init', plugin.init);
      return await step('generate', plugin.generate);
    },
    parameters: async () => {
      const { announced, command } = plugin.parameters;
      if (command === undefined) return announced;
      // What the file itself says stands last, where it counts for forms that read a name twice.
      return [...readAnnouncements(plugin.address, await step('parameters', command)), ...announced];
    },
  };
}

function readAnnouncements(address: string, text: string): readonly ParameterAnnouncement[] {
  const read = Announcements.safeParse(parseOutput(text));
  if (read.success) return read.data;
  throw new KeelsonError(
    'render-failed',
    `plugin ${address}: its program of dynamic parameters printed no JSON list of parameters; correct the program`,
  );
}

function parseOutput(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    // Safe: what is no JSON is no list either, and the caller says so.
    return undefined;
  }
}

function stepFailure(
  address: string,
  step: string,
  program: string,
  limits: StepLimits,
  copy: PluginCopy,
  cause: unknown,
): unknown {
  if (!(cause instanceof RunError)) return cause;
  const fail = (code: KeelsonError['code'], message: string, retryable = false): KeelsonError =>
    new KeelsonError(code, `plugin ${address}: ${message}`, { retryable, cause });
  switch (cause.failure) {
    case 'aborted':
      return cause;
    case 'missing':
      return fail(
        'tool-missing',
        `${step} can't start ${program}; put the program where the plugin runs or correct its command`,
      );
    case 'timeout':
      return fail(
        'timeout',
        `${step} was not done when ${limits.timeoutSeconds} s were over; make the source smaller or split it${limits.raise ?? ''}`,
        true,
      );
    case 'output-limit':
      return fail(
        'render-failed',
        `${step} printed more than ${limits.maxOutputBytes} bytes; split the source into several applications`,
      );
    case 'disk-limit':
      return fail('render-failed', `${step} filled its folder; make the source or what it fetches smaller`);
    case 'process-limit':
      return fail(
        'render-failed',
        `${step} failed: ${cause.stderr}; let the plugin start fewer processes at once`,
      );
    case 'exit': {
      const said = cause.stderr.replaceAll(`${copy.root}/`, '').replaceAll(copy.root, '.');
      const words = said === '' ? ` with status ${cause.exitCode ?? 'unknown'} and no word` : `: ${said}`;
      return fail('render-failed', `${step} failed${words}; correct the source or the plugin`);
    }
  }
}
