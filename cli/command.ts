import type { Readable } from 'node:stream';
import { type Command, Option } from 'commander';
import type { Manifest } from '../core/object/manifest/manifest.ts';
import type { Output } from './render/progress.ts';
import { type ApiClient, createApiClient } from './server/client.ts';
import { configPath, type Environment, readConfig } from './server/config-file.ts';
import { type GlobalFlags, resolveConnection, transportOptions } from './server/connection.ts';
import { plainText } from './terminal/text.ts';

/** What an operator does to accounts where a role is installed. */
export type OperatorOfAccounts = {
  setPassword(account: string, password: string): Promise<void>;
  renewSigningKey(): Promise<void>;
};

/** Which cluster an operator means; without words the environment says it. */
export type ClusterChoice = { readonly kubeconfig?: string; readonly context?: string };

/** What an operator does with the definitions of Keelson's kinds. */
export type OperatorOfDefinitions = {
  /** All of them, as one YAML text. */
  text(): Promise<string>;
  /** Installs them; others' of the same names stay unless they are taken over. */
  install(
    choice: ClusterChoice,
    takeOver: boolean,
  ): Promise<readonly { readonly name: string; readonly outcome: 'applied' | 'kept' }[]>;
};

/** Which cluster and control plane an operator means. */
export type ControlPlaneChoice = ClusterChoice & {
  readonly namespace?: string;
  /** Patterns of the namespaces of applications; else those of the settings. */
  readonly applicationNamespaces?: readonly string[];
};

/** How a backup is brought back. */
export type ImportFlags = {
  readonly dryRun: boolean;
  readonly prune: boolean;
  readonly stopOperation: boolean;
  readonly ignoreTracking: boolean;
};

/** What became of one object of a backup, or would in a dry run. */
export type ImportOutcome = {
  readonly action: 'create' | 'prune' | 'skip' | 'unchanged' | 'unwanted' | 'update';
  readonly name: string;
  /** Why it was skipped, or what went wrong. */
  readonly reason?: string;
  readonly failed?: true;
};

/** Backups of a control plane's objects in its cluster. */
export type OperatorOfBackups = {
  export(choice: ControlPlaneChoice): Promise<readonly Manifest[]>;
  import(
    backup: readonly Manifest[],
    choice: ControlPlaneChoice,
    flags: ImportFlags,
    tell: (outcome: ImportOutcome) => void,
  ): Promise<void>;
};

/** What the command line is started with; nothing is taken from the process itself. */
export type Surroundings = {
  /** Arguments after the command's own name. */
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean;
  /** Ends the command early, as Ctrl-C does. */
  readonly signal?: AbortSignal | undefined;
  /** Changes accounts in the roles' database, without a login; the program that starts the command line brings it. */
  readonly accounts?: OperatorOfAccounts | undefined;
  /** Prints and installs definitions; the program that starts the command line brings it, as it reads files of its own. */
  readonly definitions?: OperatorOfDefinitions | undefined;
  /** Reads and brings back backups; the program that starts the command line brings it, as it reaches clusters. */
  readonly backups?: OperatorOfBackups | undefined;
  /** Seals the roles' database anew; the program that starts the command line brings it. */
  readonly rotateKey?: ((tell: (text: string) => void) => Promise<void>) | undefined;
};

/** What a command works with. */
export type CliContext = Surroundings & {
  /** Whether colours are welcome. */
  readonly color: boolean;
  print(text: string): void;
  /** Says something that is not part of the result. */
  note(text: string): void;
  /** Ends the command with this exit status unless it throws. */
  exitWith(status: number): void;
  /** Runs something with a client of the server that flags, variables and config mean. */
  withClient<Result>(command: Command, run: (client: ApiClient) => Promise<Result>): Promise<Result>;
};

/** Builds what commands work with; `status` is the exit status that they chose. */
export function createContext(surroundings: Surroundings): { context: CliContext; status(): number } {
  let status = 0;
  const context: CliContext = {
    ...surroundings,
    color: surroundings.isTerminal && !surroundings.env['NO_COLOR'],
    print: (text) => void surroundings.stdout.write(text),
    note: (text) => void surroundings.stderr.write(`${plainText(text)}\n`),
    exitWith: (chosen) => {
      status = chosen;
    },
    async withClient(command, run) {
      const flags = globalFlagsOf(command);
      const config = await readConfig(configPath(surroundings.env, flags.config));
      const client = createApiClient({
        ...resolveConnection(flags, surroundings.env, config),
        ...(await transportOptions(flags)),
        signal: surroundings.signal,
        ...(flags.loglevel === 'debug' ? { onAnswer: context.note } : {}),
      });
      try {
        return await run(client);
      } finally {
        await client.close();
      }
    },
  };
  return { context, status: () => status };
}

/** The flags that the command shares with all others. */
export function globalFlagsOf(command: Command): GlobalFlags {
  return command.optsWithGlobals<GlobalFlags>();
}

/**
 * Adds an on/off flag that scripts may also write as `--name=true` and `--name=false`. Without a flag its value is
 * undefined.
 */
export function addSwitch(command: Command, flags: string, description: string): Command {
  const option = new Option(flags, description);
  const off = new Option(`--no-${option.long?.slice(2)}`).hideHelp();
  return command.addOption(option).addOption(off);
}

/** Brings `--name=false` and `-o=json` to the forms that the parser knows; arguments after `--` stay as they are. */
export function normalizeArguments(program: Command, argv: readonly string[]): string[] {
  const switches = new Set(switchNames(program));
  const end = argv.indexOf('--');
  const flags = end === -1 ? argv : argv.slice(0, end);
  const rest = end === -1 ? [] : argv.slice(end);
  return [...flags.flatMap((argument) => normalizeArgument(switches, argument)), ...rest];
}

function switchNames(command: Command): string[] {
  const own = command.options.filter((option) => option.negate);
  return [
    ...own.map((option) => option.long?.slice('--no-'.length) ?? ''),
    ...command.commands.flatMap(switchNames),
  ];
}

function normalizeArgument(switches: ReadonlySet<string>, argument: string): string[] {
  // The parser would read it as the opposite of --proxy.
  if (/^--no-proxy(=|$)/.test(argument)) return [argument.replace('--no-proxy', '--noproxy')];
  const [, name, value] = /^--([a-z0-9-]+)=(true|false)$/.exec(argument) ?? [];
  if (name !== undefined && switches.has(name)) return [value === 'true' ? `--${name}` : `--no-${name}`];
  const [, short, text] = /^-([a-zA-Z])=(.*)$/s.exec(argument) ?? [];
  return short !== undefined && text !== undefined ? [`-${short}`, text] : [argument];
}
