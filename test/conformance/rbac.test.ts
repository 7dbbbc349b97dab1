import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ProjectSpec } from '../../core/project/project.ts';
import { decide } from '../../core/rbac/decide.ts';
import { compilePolicy } from '../../core/rbac/policy/compile.ts';
import { decideNaively } from '../support/random/naive-rbac.ts';

type Expected = {
  readonly rule: string;
  readonly name: string;
  readonly groups: readonly string[];
  readonly ask: string;
  readonly allowed: boolean;
};

type Cases = {
  readonly about: string;
  readonly policy: readonly string[];
  readonly defaultRole: string;
  readonly mode: 'glob' | 'regex';
  readonly projects: readonly ({ readonly name: string } & Pick<ProjectSpec, 'roles'>)[];
  readonly decisions: readonly Expected[];
};

const folder = new URL('rbac/', import.meta.url);
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => {
    const cases: Cases = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
    return { name, cases };
  });

/** The object is what follows the second blank, for it may be empty. */
function requestOf(ask: string): { resource: string; action: string; object: string } {
  const [resource = '', action = '', ...object] = ask.split(' ');
  return { resource, action, object: object.join(' ') };
}

describe.each(files)('test/conformance/rbac/$name', ({ cases }) => {
  const input = {
    texts: [{ name: 'policy.csv', text: cases.policy.join('\n') }],
    defaultRole: cases.defaultRole,
    mode: cases.mode,
    projects: cases.projects.map(({ name, roles }) => ({ metadata: { name }, spec: { roles } })),
  };
  const policy = compilePolicy(input);

  it.each(cases.decisions)('$rule: $name $groups, $ask: $allowed', ({ name, groups, ask, allowed }) => {
    const request = requestOf(ask);
    expect(decide(policy, { name, groups }, request).allowed).toBe(allowed);
    expect(decideNaively(input, { name, groups }, request)).toBe(allowed);
  });
});

describe('test/conformance/rbac', () => {
  it('has at least 300 decisions, half of them denials', () => {
    const all = files.flatMap(({ cases }) => cases.decisions);
    expect(all.length).toBeGreaterThanOrEqual(300);
    const denials = all.filter(({ allowed }) => !allowed).length;
    expect(Math.abs(denials - all.length / 2)).toBeLessThanOrEqual(all.length * 0.1);
    for (const { rule } of all) expect(rule).not.toBe('');
  });
});
