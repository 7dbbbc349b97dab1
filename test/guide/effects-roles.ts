import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { RoleName, RoleStart } from '../../bin/up/roles.ts';
import { sameJson } from '../../core/object/json/canonical.ts';
import { valueAt } from '../../core/object/json/field.ts';
import { pollUntil } from '../../local/poll.ts';
import { readConfig } from '../../platform/config.ts';
import type { Effect } from './effects-sources.ts';
import { blockObjects, blockText } from './frame.ts';
import type { Guide } from './guide.ts';

/** A container of the reference's programs as a Deployment or StatefulSet of the guide writes it. */
type Container = {
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly ports?: readonly { readonly containerPort: number }[];
  readonly readinessProbe?: { readonly httpGet: { readonly path: string; readonly port: number } };
};

/** Which role stands for which of them. */
const roles = { server: '04.1-1.yaml', worker: '04.2-1.yaml', session: '04.3-1.yaml' } as const;

/** The roles' own flags and variables, which are those of the reference's containers as they are written. */
export function guideStarts(): Readonly<Record<RoleName, RoleStart>> {
  const startOf = (block: string, ...more: readonly Container[]): RoleStart => {
    const [own, ...others] = [containerOf(block), ...more];
    const variables = [own, ...others].flatMap(({ env = [] } = {}) => env);
    return {
      flags: own?.args ?? [],
      env: Object.fromEntries(variables.map(({ name, value }) => [name, value])),
    };
  };
  return {
    server: startOf(roles.server),
    worker: startOf(roles.worker),
    session: startOf(roles.session, containerOf('21.2-1.yaml')),
  };
}

/** Effects of blocks about the programs themselves and what they are started with. */
export const roleEffects = {
  '04.1-1.yaml': async (guide) => {
    const { ports, readinessProbe } = containerOf('04.1-1.yaml');
    const probe = await fetch(`${guide.keelson.url}${readinessProbe?.httpGet.path}`);
    expect([probe.status, await probe.text()]).toEqual([200, 'ok']);
    // The test's own port stands for the one that is listened on where nobody says another.
    const plain = { KEELSON_DATABASE_URL: 'postgres://x/x', KEELSON_ENCRYPTION_KEY: 'A'.repeat(44) };
    expect(ports?.map(({ containerPort }) => containerPort)).toContain(readConfig(plain, []).KEELSON_PORT);
    await hasNoEffect(guide, 'server', ['--staticassets', '--redis', '--repo-server', '--dex-server']);
  },
  '04.2-1.yaml': (guide) =>
    // The time of a render and how many there are at once are taken: nothing is said of them.
    hasNoEffect(guide, 'worker', ['HELM_CACHE_HOME', 'HELM_CONFIG_HOME', 'HELM_DATA_HOME', '--redis']),
  '04.3-1.yaml': (guide) =>
    hasNoEffect(guide, 'session', [
      '--redis',
      '--repo-server',
      '--status-processors',
      '--operation-processors',
    ]),
  '21.2-1.yaml': (guide) =>
    hasNoEffect(guide, 'session', ['ARGOCD_CONTROLLER_REPLICAS', 'ARGOCD_CONTROLLER_SHARDING_ALGORITHM']),
  '15.1-1.yaml': async (guide) => {
    await kubectlApply(guide, '15.1-1.yaml');
    const body = JSON.stringify({
      ref: 'refs/heads/main',
      repository: { clone_url: 'https://github.com/my-org/my-app.git', default_branch: 'main' },
    });
    const deliver = async (secret: string): Promise<number> => {
      const signature = createHmac('sha256', secret).update(body).digest('hex');
      const headers = { 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${signature}` };
      const reply = await fetch(`${guide.keelson.url}/api/webhook`, { method: 'POST', headers, body });
      return reply.status;
    };
    // Without a secret every delivery is believed here.
    await pollUntil(
      'deliveries with another secret are refused',
      30,
      async () => (await deliver('x')) === 400,
    );
    expect(await deliver('my-github-webhook-secret')).toBe(200);
  },
  '21.1-1.yaml': async (guide) => {
    await kubectlApply(guide, '21.1-1.yaml');
    const [map] = blockObjects('21.1-1.yaml');
    await pollUntil('the parameters are in force', 30, async () => {
      const { configMaps } = await guide.keelson.client.settings.get();
      return sameJson(configMaps['argocd-cmd-params-cm'] ?? {}, valueAt(map, 'data'));
    });
    const { problems } = await guide.keelson.client.settings.get();
    const unused = problems.filter(({ configMap }) => configMap === 'argocd-cmd-params-cm');
    expect(unused.map(({ key, weight }) => [key, weight]).sort()).toEqual([
      ['controller.operation.processors', 'unused'],
      ['controller.status.processors', 'unused'],
    ]);
  },
} satisfies Readonly<Record<string, Effect>>;

function containerOf(block: string): Container {
  const [object] = blockObjects(block);
  const [container] = valueAt(object, 'spec', 'template', 'spec', 'containers') as Container[];
  if (container === undefined) throw new Error(`${block} has no container`);
  return container;
}

/** What a role said at its start of the flags and variables that mean nothing here: these among them, and no unknown one. */
async function hasNoEffect({ keelson }: Guide, role: RoleName, names: readonly string[]): Promise<void> {
  const log = readFileSync(join(keelson.stateDir, 'roles', `${role}.log`), 'utf8');
  const line = log.split('\n').find((one) => one.includes('what this role was started with has no effect'));
  const { notes = [] } = JSON.parse(line ?? '{}') as { readonly notes?: readonly string[] };
  const said = notes.map((note) => note.split(' ')[0] ?? '');
  expect([...new Set(said)]).toEqual(expect.arrayContaining([...names]));
  expect(notes.filter((note) => note.includes('is no flag that is known'))).toEqual([]);
  const { flags = [], env = {} } = guideStarts()[role];
  const given = [...flags.filter((word) => word.startsWith('--')), ...Object.keys(env)];
  // What isn't named is taken.
  const taken = given.filter((name) => !said.includes(name));
  expect(taken.sort()).toEqual([...mapped[role]].sort());
}

const mapped: Readonly<Record<RoleName, readonly string[]>> = {
  server: [],
  worker: ['--parallelism-limit', 'ARGOCD_EXEC_TIMEOUT'],
  session: ['--app-resync', '--self-heal-timeout-seconds'],
};

async function kubectlApply(guide: Guide, block: string): Promise<void> {
  const { code, stderr } = await guide.script(`kubectl apply -f - <<'EOF'\n${blockText(block)}\nEOF`);
  expect({ code, stderr }).toMatchObject({ code: 0 });
}
