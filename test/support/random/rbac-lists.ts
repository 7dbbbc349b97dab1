import type { PolicyInput } from '../../../core/rbac/policy/compile.ts';
import type { MatchMode } from '../../../core/rbac/policy/rules.ts';
import type { Subject } from '../../../core/rbac/subject.ts';
import type { Random } from './random.ts';

/** An application as lists find it. */
export type NamedRow = { readonly project: string; readonly namespace: string; readonly name: string };

export const homeNamespace = 'argocd';

const projects = Array.from({ length: 12 }, (_, at) => `p${at}`);
const groups = ['team', 'ops', 'role:a', 'role:b'];
const words = ['web', 'api', 'db', 'a_b', 'a%b', 'ä', '😀', 'Web', 'x.y', '\\'];

export function pick<T>(random: Random, list: readonly T[]): T {
  const [first] = list;
  const found = list[Math.floor(random() * list.length)] ?? first;
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
}

/** Applications of many projects, some of which are none, with names that patterns take for something else. */
export function randomRows(random: Random, count: number): NamedRow[] {
  const byKey = new Map<string, NamedRow>();
  while (byKey.size < count) {
    const namespace = pick(random, [homeNamespace, homeNamespace, 'team', 'web']);
    const number = random() < 0.05 ? '' : `-${byKey.size}`;
    const name = `${pick(random, words)}-${pick(random, words)}${number}`;
    byKey.set(`${namespace}/${name}`, {
      project: pick(random, [...projects, 'gone', 'P1', 'p1-x']),
      namespace,
      name,
    });
  }
  return [...byKey.values()];
}

const globs = {
  project: [...projects.slice(0, 4), '*', 'p?', '{p1,p2}', 'p[1-3]', 'p[!1]', '*1', 'p*'],
  name: [
    '*',
    'web-*',
    '*-api*',
    'a_b-*',
    'a%b*',
    '?eb-*',
    '[wa]*',
    '[!a-d]*',
    '{web,api}-{db,ä}*',
    'x.y*',
    '😀*',
    '\\\\*',
    '*/web-*',
    'team/*',
    '',
  ],
};
const expressions = {
  project: [...projects.slice(0, 4), '.*', '^p[12]', 'p1$'],
  name: ['.*', 'web', '^.*api', '[0-9]+$', ''],
};

function randomObject(random: Random, mode: MatchMode): string {
  const { project, name } = mode === 'glob' ? globs : expressions;
  const separator = random() < 0.9 ? '/' : '';
  return `${pick(random, project)}${separator}${pick(random, name)}`;
}

function randomLine(random: Random, mode: MatchMode): string {
  if (random() < 0.25) return `g, ${pick(random, ['alice', ...groups])}, ${pick(random, groups)}`;
  const subject = pick(random, ['alice', 'alice', 'proj:p1:dev', ...groups]);
  const action = pick(random, mode === 'glob' ? ['get', 'get', '*', 'sync', 'g*'] : ['get', '.*', 'sync']);
  const effect = pick(random, ['allow', 'allow', 'deny']);
  return `p, ${subject}, ${pick(random, mode === 'glob' ? ['applications', '*'] : ['applications', '.*'])}, ${action}, "${randomObject(random, mode)}", ${effect}`;
}

/** A policy with roles of projects. */
export function randomPolicy(random: Random, mode: MatchMode): PolicyInput {
  const lines = Array.from({ length: 1 + Math.floor(random() * 14) }, () => randomLine(random, mode));
  return {
    texts: [{ name: 'policy.csv', text: lines.join('\n') }],
    projects: projects.map((name) => ({
      metadata: { name },
      spec: {
        roles:
          random() < 0.6
            ? []
            : [
                {
                  name: 'dev',
                  policies: [
                    `p, proj:${name}:dev, applications, get, ${name}/${pick(random, ['*', 'web-*', '*-db*'])}, ${pick(random, ['allow', 'allow', 'deny'])}`,
                  ],
                  groups: [pick(random, groups)],
                },
              ],
      },
    })),
    defaultRole: pick(random, ['', '', 'role:a']),
    mode,
  };
}

/** The same policy with a line that can't be read and one that grants more. */
export function brokenPolicy({ texts, ...input }: PolicyInput, random: Random): PolicyInput {
  const [first] = texts;
  const text = [
    ...(first?.text.split('\n').slice(1) ?? []),
    randomLine(random, input.mode),
    'q, broken',
  ].join('\n');
  return { ...input, texts: [{ name: 'policy.csv', text }] };
}

export function randomSubject(random: Random): Subject {
  const name = pick(random, ['alice', 'alice', 'nobody', 'proj:p1:dev', 'proj:p3:dev', 'admin']);
  return { name, groups: groups.filter(() => random() < 0.4) };
}
