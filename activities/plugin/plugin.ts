import { KeelsonError } from '../../core/errors.ts';
import type { Discovery, ParameterAnnouncement } from '../../core/plugin/plugin-file.ts';

export type PluginLimits = {
  /** For all programs of one task together. */
  readonly timeoutSeconds: number;
  readonly maxOutputBytes: number;
};

/** A folder of a source and what a plugin is told about it. */
export type PluginTask = {
  /** Root of the source's files; it is only read. */
  readonly root: string;
  /** The source's folder, inside the root. */
  readonly folder: string;
  readonly project: string;
  readonly variables: Readonly<Record<string, string>>;
  /** A folder of this task's own for copies, removed by the caller. */
  readonly scratch: string;
  readonly limits: PluginLimits;
  readonly signal?: AbortSignal | undefined;
};

/** A plugin that is there and doesn't answer. */
export class PluginUnresponsive extends KeelsonError {
  /** Whether it took the question and let it wait. */
  readonly waits: boolean;

  constructor(message: string, options: { readonly waits: boolean; readonly cause: unknown }) {
    super('source-unreachable', message, { retryable: true, cause: options.cause });
    this.waits = options.waits;
  }
}

/** A config management plugin, wherever it runs. */
export type Plugin = {
  /** What applications call it. */
  readonly address: string;
  discovery(): Promise<Discovery>;
  /** Whether its discovery program takes the folder. */
  ask(task: PluginTask): Promise<boolean>;
  /** What it prints: manifests as YAML or JSON. */
  generate(task: PluginTask): Promise<string>;
  /** What can be set for the folder. */
  parameters(task: PluginTask): Promise<readonly ParameterAnnouncement[]>;
};
