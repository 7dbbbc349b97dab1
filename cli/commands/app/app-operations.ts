import type { Command } from 'commander';
import { KeelsonError } from '../../../core/errors.ts';
import type { OperationView } from '../../../core/wire/operation.ts';
import type { CliContext } from '../../command.ts';
import { parseFormat, parseInteger } from '../../flags/flag-value.ts';
import { formatOperation, formatOperationList } from '../../render/render-operation.ts';
import type { ApiClient } from '../../server/client.ts';
import { formatStructured } from '../../terminal/output.ts';

type Flags = { readonly output: string; readonly limit: string };

/** Adds `keelson app operations`. */
export function addAppOperations(app: Command, context: CliContext): void {
  app
    .command('operations')
    .description(
      'list all operations of an application, or show one with its plan, objects, waits and timings',
    )
    .argument('<name>', 'application')
    .argument('[id]', 'operation, or the beginning of its id')
    .option('--limit <count>', 'how many to list', '20')
    .option('-o, --output <format>', 'wide, json or yaml', 'wide')
    .action(async (name: string, id: string | undefined, flags: Flags, command: Command) => {
      const format = parseFormat(flags.output, ['wide', 'json', 'yaml']);
      const limit = parseInteger(flags.limit, '--limit');
      await context.withClient(command, async (client) => {
        if (id === undefined) {
          const operations = await client.operations.list(name, limit);
          context.print(formatStructured(operations, format) ?? formatOperationList(operations, Date.now()));
          return;
        }
        const operation = await findOperation(client, name, id);
        context.print(formatStructured(operation, format) ?? formatOperation(operation, Date.now()));
      });
    });
}

const wholeId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** How far back a beginning of an id is looked for. */
const searched = 100;

async function findOperation(client: ApiClient, name: string, id: string): Promise<OperationView> {
  if (wholeId.test(id)) return client.operations.get(name, id);
  const matching = (await client.operations.list(name, searched)).filter((one) => one.id.startsWith(id));
  const [only] = matching;
  if (only !== undefined && matching.length === 1) return client.operations.get(name, only.id);
  throw new KeelsonError(
    only === undefined ? 'not-found' : 'invalid-argument',
    `operation ${id} of application ${name} is ${only === undefined ? 'not known' : 'not the only one with that beginning'}; see keelson app operations ${name}`,
  );
}
