import type { Command } from 'commander';
import type { SyncBody } from '../../../core/wire/sync.ts';
import { addSwitch, type CliContext } from '../../command.ts';
import { readLocalManifests } from '../../files/local-manifests.ts';
import { finishSync } from '../../flags/finish-sync.ts';
import { collect, collectList, parseFormat } from '../../flags/flag-value.ts';
import {
  parseResource,
  type ResourceSelector,
  type SyncFlags,
  selectResources,
  syncBodyOf,
} from '../../flags/sync-body.ts';
import { shortId } from '../../render/render-operation.ts';
import { chooseApplications } from '../../server/choose-applications.ts';
import type { ApiClient } from '../../server/client.ts';
import { parseTimeout } from '../../server/deadline.ts';
import { formatStructured } from '../../terminal/output.ts';

type Flags = SyncFlags & {
  readonly resource?: readonly string[];
  readonly selector?: string;
  readonly appNamespace?: string;
  readonly project?: readonly string[];
  readonly local?: string;
  readonly async?: boolean;
  readonly timeout: string;
  readonly output: string;
};

/** Adds `keelson app sync`. */
export function addAppSync(app: Command, context: CliContext): void {
  const sync = app
    .command('sync')
    .description('bring applications to their target state and wait until that is done')
    .argument('[names...]', 'applications')
    .option('-l, --selector <selector>', 'sync all applications with these labels')
    .option('--project <project>', 'sync all applications of this project; may be repeated', collect)
    .option('--revision <revision>', 'sync to this revision instead of the target revision')
    .option('--revisions <revision>', 'revision of the source at a position; may be repeated', collect)
    .option('--source-positions <position>', 'position of that source, from 1; may be repeated', collectList)
    .option('--resource <[!]GROUP:KIND:[NAMESPACE/]NAME>', 'only this object, or with ! all but it', collect)
    .option('--strategy <strategy>', 'hook or apply (no hooks)')
    .option('--local <path>', 'sync the manifests of this file or folder, or - for standard input')
    .option('--info <name=value>', 'note to keep with the operation; may be repeated', collect)
    .option('--break-glass <reason>', 'sync although sync windows are closed; needs the right to it')
    .option('--timeout <seconds>', 'give up waiting after this time; the sync itself goes on', '0')
    .option('--retry-limit <count>', 'retries of a failed sync; below 0 unlimited')
    .option('--retry-backoff-duration <duration>', 'wait before the first retry', '5s')
    .option('--retry-backoff-factor <factor>', 'growth of the wait with each retry', '2')
    .option('--retry-backoff-max-duration <duration>', 'longest wait', '3m')
    .option('-o, --output <format>', 'wide, json, yaml or tree', 'wide');
  addSwitch(sync, '--prune', 'delete objects that are no longer in the source');
  addSwitch(sync, '--dry-run', 'only try what the cluster would say');
  addSwitch(sync, '--force', 'delete and create anew objects that cannot be changed');
  addSwitch(sync, '--replace', 'replace objects instead of applying them');
  addSwitch(sync, '--server-side', 'apply on the server side');
  addSwitch(sync, '--apply-out-of-sync-only', 'leave objects that are in sync alone');
  addSwitch(sync, '--async', 'do not wait for the end');
  sync.action(async (names: string[], flags: Flags, command: Command) => {
    const manifests =
      flags.local === undefined ? undefined : await readLocalManifests(flags.local, context.stdin);
    const request = readRequest(flags, manifests);
    await context.withClient(command, async (client) => {
      const { selector, project, appNamespace: namespace } = flags;
      for (const name of await chooseApplications(client, { names, selector, project, namespace })) {
        await syncOne(context, client, name, request);
      }
    });
  });
}

/** What the flags ask for, checked in full before anything is sent. */
type Request = {
  readonly body: SyncBody;
  readonly selectors: readonly ResourceSelector[];
  readonly timeoutSeconds: number;
  readonly format: string;
  readonly wait: boolean;
};

function readRequest(flags: Flags, manifests: readonly string[] | undefined): Request {
  const body = syncBodyOf(flags);
  return {
    body: manifests === undefined ? body : { ...body, manifests },
    selectors: (flags.resource ?? []).map(parseResource),
    timeoutSeconds: parseTimeout(flags.timeout),
    format: parseFormat(flags.output, ['wide', 'json', 'yaml', 'tree', 'tree=detailed']),
    wait: flags.async !== true,
  };
}

async function syncOne(
  context: CliContext,
  client: ApiClient,
  name: string,
  request: Request,
): Promise<void> {
  const { selectors, format } = request;
  const known = selectors.length === 0 ? [] : ((await client.applications.get(name)).status?.resources ?? []);
  const { resources, hints } = selectResources(selectors, known);
  for (const hint of hints) context.note(hint);
  const body = resources.length === 0 ? request.body : { ...request.body, resources };
  const { application, operationId } = await client.operations.sync(name, body);
  if (!request.wait) {
    context.print(
      formatStructured(application, format) ??
        `application '${name}' is syncing; see keelson app operations ${name} ${shortId(operationId)}\n`,
    );
    return;
  }
  const { timeoutSeconds } = request;
  await finishSync(context, client, {
    name,
    operationId,
    timeoutSeconds,
    format,
    isPartial: selectors.length > 0,
  });
}
