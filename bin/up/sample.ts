import { existsSync } from 'node:fs';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { simpleGit } from 'simple-git';
import { followOperation } from '../../cli/render/progress.ts';
import { type ApiClient, createApiClient } from '../../cli/server/client.ts';
import { readApplication } from '../../core/application/spec/read-application.ts';
import { KeelsonError } from '../../core/errors.ts';
import { readDocument } from '../../core/yaml/read.ts';
import { pollUntil } from '../../local/poll.ts';
import type { Reporter } from '../../local/reporter.ts';
import { writeFirstApplication } from './kubectl.ts';

const examples = fileURLToPath(new URL('../../examples', import.meta.url));
/** The sample application: not the example's own name, so that the example can be tried beside it. */
export const sampleName = 'demo';
/** Folder of the examples that it is made of. */
export const samplePath = 'waves';
const healthySeconds = 120;

/**
 * Creates the sample application from a Git repository of its own in the state directory, syncs it while showing
 * each wave, and waits until it is Synced and Healthy. Throws with the reason when it does not get there.
 */
export async function runSample(options: {
  readonly url: string;
  readonly adminPassword: string | undefined;
  readonly stateDir: string;
  readonly reporter: Reporter;
  readonly kubectl: string | undefined;
  readonly namespace: string;
}): Promise<void> {
  const { adminPassword, reporter } = options;
  if (adminPassword === undefined) {
    throw new KeelsonError(
      'unauthenticated',
      "it can't be created without the password of admin; set KEELSON_ADMIN_PASSWORD to it, or leave the sample out with --no-demo",
    );
  }
  const folder = join(options.stateDir, 'sample');
  const repository = await sampleRepository(folder);
  const first =
    options.kubectl === undefined
      ? undefined
      : writeFirstApplication(options.stateDir, folder, options.namespace);
  const anonymous = createApiClient({ server: options.url });
  const token = await anonymous.account.login('admin', adminPassword);
  await anonymous.close();
  const client = createApiClient({ server: options.url, token });
  try {
    await client.applications.create(await sampleApplication(repository), { upsert: true, validate: true });
    reporter.say(`sample application ${sampleName} from ${repository}, path ${samplePath}`);
    await syncSample(client);
    await untilHealthy(client);
    reporter.say(`sample application ${sampleName} is Synced and Healthy`);
    if (first !== undefined)
      reporter.say(`another application, by hand: ${options.kubectl} apply -f ${first}`);
  } finally {
    await client.close();
  }
}

async function syncSample(client: ApiClient): Promise<void> {
  const running = (await client.operations.list(sampleName, 1)).find((view) => view.finishedAt === undefined);
  const operationId = running?.id ?? (await client.operations.sync(sampleName, { prune: true })).operationId;
  const ended = await followOperation({
    client,
    application: sampleName,
    operationId,
    out: process.stdout,
    isTerminal: process.stdout.isTTY === true,
  });
  if (ended.phase !== 'Succeeded') {
    throw new KeelsonError('internal', `sync of ${sampleName} ended as ${ended.phase}: ${ended.message}`);
  }
}

async function untilHealthy(client: ApiClient): Promise<void> {
  await pollUntil(`${sampleName} Synced and Healthy`, healthySeconds, async () => {
    const { status } = await client.applications.get(sampleName);
    return status?.sync?.status === 'Synced' && status.health?.status === 'Healthy';
  });
}

/** A repository with the examples as its one commit; kept between starts, so that it can be played with. */
async function sampleRepository(folder: string): Promise<string> {
  if (!existsSync(join(folder, '.git'))) {
    await mkdir(folder, { recursive: true });
    await cp(examples, folder, { recursive: true });
    const git = simpleGit(folder);
    await git.init(['--initial-branch=main']);
    await git.addConfig('user.name', 'Keelson sample').addConfig('user.email', 'sample@keelson.invalid');
    await git.add('.').commit('Add the examples');
  }
  return pathToFileURL(folder).href;
}

async function sampleApplication(repoURL: string) {
  const read = readApplication(
    readDocument(await readFile(join(examples, samplePath, 'application.yaml'), 'utf8'), 'own'),
  );
  if (read.value === undefined) throw new KeelsonError('internal', 'the sample application cannot be read');
  const { source } = read.value.spec;
  if (source === undefined) throw new KeelsonError('internal', 'the sample application has no source');
  const { metadata, spec } = read.value;
  return {
    ...read.value,
    metadata: { ...metadata, name: sampleName },
    spec: {
      ...spec,
      source: { ...source, repoURL },
      destination: { ...spec.destination, namespace: sampleName },
    },
  };
}
