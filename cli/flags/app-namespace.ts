import { type Command, Option } from 'commander';
import { KeelsonError } from '../../core/errors.ts';

const flag = '--app-namespace';
/** Whose flag of that name says something of its own: which applications are listed, or what is created. */
const ownMeaning: ReadonlySet<string> = new Set(['list', 'create']);

/**
 * Lets all commands about applications take the namespace of those that they name as a flag: `NAME -N NAMESPACE` is
 * `NAMESPACE/NAME`.
 */
export function addAppNamespace(app: Command): void {
  for (const command of commandsOf(app)) {
    const [first] = command.registeredArguments;
    if (first === undefined || !/^names?$/.test(first.name()) || ownMeaning.has(command.name())) continue;
    command.addOption(new Option(`-N, ${flag} <namespace>`, 'namespace of the named applications'));
    command.hook('preAction', (_, acting) => {
      const namespace: unknown = acting.getOptionValue('appNamespace');
      if (typeof namespace !== 'string') return;
      const [named, ...rest]: unknown[] = acting.processedArgs;
      acting.processedArgs = [
        Array.isArray(named)
          ? named.map((name) => nameWithin(String(name), namespace))
          : nameWithin(String(named), namespace),
        ...rest,
      ];
    });
  }
}

/** The commands below a command that do something themselves. */
function commandsOf(command: Command): readonly Command[] {
  return command.commands.flatMap((one) => (one.commands.length > 0 ? commandsOf(one) : [one]));
}

/** The whole name of an application that is named beside its namespace; one that says another namespace is refused. */
export function nameWithin(name: string, namespace: string): string {
  if (!name.includes('/')) return `${namespace}/${name}`;
  if (name.startsWith(`${namespace}/`)) return name;
  throw new KeelsonError(
    'invalid-argument',
    `application "${name}" is not in the namespace "${namespace}" that ${flag} names; leave one of them out`,
  );
}
