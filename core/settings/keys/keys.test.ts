import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readSettings } from '../words/read-settings.ts';
import { formatKeys } from './format-keys.ts';
import { cmKeys, paramKeys } from './map-keys.ts';
import type { Outcome } from './outcome.ts';
import { readStart } from './read-start.ts';
import { flags, type StartKey, variables } from './start-keys.ts';

const maps = [
  ['argocd-cm', cmKeys],
  ['argocd-cmd-params-cm', paramKeys],
] as const;

const rows = maps.flatMap(([map, keys]) =>
  Object.entries<Outcome>(keys).map(([name, outcome]) => ({ map, name, state: outcome.state })),
);

/** Of a key that stands for all that begin so, one of them. */
const example = (name: string): string => (name.endsWith('.') ? `${name}apps_Deployment` : name);

describe('the table of keys', () => {
  it.each(rows)('agrees with what reads them: $map $name is $state', ({ map, name, state }) => {
    const { problems } = readSettings({ [map]: { [example(name)]: 'true' } });
    const without = problems.filter(({ message }) => message.includes('has no effect'));
    expect(without.length > 0).toBe(state !== 'mapped');
    expect(problems.filter(({ message }) => message.includes('not a known key'))).toEqual([]);
  });

  it('ignores only what Keelson has nothing of', () => {
    const all: Outcome[] = [
      ...maps.flatMap(([, keys]) => Object.values<Outcome>(keys)),
      ...[...Object.values<StartKey>(variables), ...Object.values<StartKey>(flags)].map(
        ({ outcome }) => outcome,
      ),
    ];
    const words = new Set(all.filter(({ state }) => state === 'ignored').map((one) => one.words));
    expect([...words].sort()).toEqual([
      'each render has folders of its own',
      'failed logins are rows, and end by themselves',
      'the user interface is the one that `KEELSON_UI_DIR` names',
      'there are no processors: applications are compared and synced as they come',
      'there are no shards: clusters are spread over all session hosts by themselves',
      'there is no Redis: what is kept is in the database',
      'there is no repository server: workers render',
      'there is no such cache: live state is kept as long as its watch stands',
    ]);
  });

  it('is what the documents show', () => {
    const text = readFileSync(new URL('../../../docs/compatibility.md', import.meta.url), 'utf8');
    const [, shown = ''] = text.split('<!-- keys -->\n');
    expect(shown).toBe(formatKeys());
  });
});

describe('what a role is started with', () => {
  it('is taken from the flags and variables of a repository server', () => {
    const given = ['--redis', 'argocd-redis-ha-haproxy:6379', '--parallelism-limit', '10'];
    expect(readStart({ ARGOCD_EXEC_TIMEOUT: '180', HELM_DATA_HOME: '/helm' }, given)).toEqual({
      variables: { KEELSON_TOOL_SECONDS: '180', KEELSON_RENDERS_AT_ONCE: '10' },
      notes: [
        'HELM_DATA_HOME has no effect: each render has folders of its own',
        '--redis has no effect: there is no Redis: what is kept is in the database',
      ],
    });
  });

  it('is taken from those of a controller', () => {
    const given = [
      ...['--status-processors', '50', '--operation-processors', '25'],
      ...['--app-resync', '180', '--self-heal-timeout-seconds=5', '--loglevel', 'warning'],
    ];
    const { variables: found, notes } = readStart({ ARGOCD_CONTROLLER_REPLICAS: '1' }, given);
    expect(found).toEqual({
      KEELSON_RECONCILE_SECONDS: '180',
      KEELSON_SELF_HEAL_SECONDS: '5',
      KEELSON_LOG_LEVEL: 'warn',
    });
    expect(notes).toHaveLength(3);
  });

  it('names what it can not read and does not know, without its value', () => {
    const { variables: found, notes } = readStart(
      { ARGOCD_EXEC_TIMEOUT: 's3cr3t', REDIS_PASSWORD: 's3cr3t' },
      ['--new-flag', 's3cr3t', '--insecure'],
    );
    expect(found).toEqual({});
    expect(notes).toHaveLength(4);
    expect(notes.join()).not.toContain('s3cr3t');
  });
});
