import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideNaively } from '../../../test/support/random/naive-rbac.ts';
import { decide } from '../decide.ts';
import { compilePolicy, type PolicyInput } from './compile.ts';

const subjects = [
  'alice',
  'team',
  'ops',
  'role:a',
  'role:b',
  'role:admin',
  'role:readonly',
  'proj:p1:dev',
  'proj:p2:dev',
];
const subject = fc.constantFrom(...subjects);
const resource = fc.constantFrom('applications', 'projects', 'clusters', 'approvals', '*', 'app*');
const action = fc.constantFrom('get', 'sync', '*', 'update/*', 'update/apps/Deployment/*', '[gs]*');
const object = fc.constantFrom(
  '*',
  '*/*',
  'p1/*',
  'p2/*',
  'p1/web',
  'p?/web',
  '*/web',
  '{p1,p2}/w*',
  'p1',
  'p1/[!a]*',
);
const effect = fc.constantFrom('allow', 'allow', 'deny');

const grant = fc
  .tuple(subject, resource, action, object, effect)
  .map(([who, what, how, where, then]) =>
    `p, ${who}, ${what}, "${how}", "${where}", ${then}`.replaceAll('"', where.startsWith('{') ? '"' : ''),
  )
  .map((line) => line.replace(/"([^",]*)"/g, '$1'));
const member = fc.tuple(subject, subject).map(([one, role]) => `g, ${one}, ${role}`);

const policies = (project: string) =>
  fc.array(
    fc
      .tuple(
        fc.constantFrom('applications', 'clusters', 'approvals'),
        fc.constantFrom('get', 'sync', '*'),
        effect,
      )
      .map(([what, how, then]) => `p, proj:${project}:dev, ${what}, ${how}, ${project}/*, ${then}`),
    { maxLength: 3 },
  );
const project = (name: string) =>
  fc
    .tuple(
      policies(name),
      fc.uniqueArray(fc.constantFrom('team', 'ops', 'role:a', 'alice'), { maxLength: 2 }),
    )
    .map(([lines, groups]) => ({
      metadata: { name },
      spec: { roles: [{ name: 'dev', policies: lines, groups }] },
    }));

const input: fc.Arbitrary<PolicyInput> = fc
  .record({
    lines: fc.array(fc.oneof({ weight: 3, arbitrary: grant }, { weight: 2, arbitrary: member }), {
      maxLength: 12,
    }),
    projects: fc.tuple(project('p1'), project('p2')),
    defaultRole: fc.constantFrom('', '', 'role:a', 'role:readonly'),
  })
  .map(({ lines, projects, defaultRole }) => ({
    texts: [{ name: 'policy.csv', text: lines.join('\n') }],
    projects,
    defaultRole,
    mode: 'glob',
  }));

const who = fc.record({
  name: fc.constantFrom(...subjects, '', 'nobody'),
  groups: fc.uniqueArray(fc.constantFrom('team', 'ops', 'role:b', 'unknown'), { maxLength: 3 }),
});
const request = fc.record({
  resource: fc.constantFrom('applications', 'projects', 'clusters', 'approvals'),
  action: fc.constantFrom('get', 'sync', 'update/apps/Deployment/ns/web'),
  object: fc.constantFrom('p1/web', 'p2/web', 'p1/api', 'p3/web', 'p1', 'https://a', ''),
});

describe('decisions on generated policies', () => {
  it('agree with an evaluator that looks at every line', () => {
    let granted = 0;
    let all = 0;
    fc.assert(
      fc.property(
        input,
        fc.array(fc.tuple(who, request), { minLength: 8, maxLength: 8 }),
        (policy, asked) => {
          const compiled = compilePolicy(policy);
          expect(compiled.issues).toEqual([]);
          for (const [one, what] of asked) {
            const { allowed } = decide(compiled, one, what);
            expect(allowed, `${one.name} ${one.groups.join()} ${what.resource}`).toBe(
              decideNaively(policy, one, what),
            );
            granted += allowed ? 1 : 0;
            all += 1;
          }
        },
      ),
      { numRuns: 600, seed: 11 },
    );
    // Both answers have to come often, or nothing is shown.
    expect(granted / all).toBeGreaterThan(0.1);
    expect(granted / all).toBeLessThan(0.9);
  });

  it('grant no more when a line is broken than before, and less when another is taken away', () => {
    const broken = fc.constantFrom(
      'p, alice, applications',
      'q, a, b',
      'p, a, b, c, [z-a], allow',
      'g, alice',
    );
    fc.assert(
      fc.property(
        input,
        fc.nat({ max: 11 }),
        fc.nat({ max: 11 }),
        broken,
        fc.array(fc.tuple(who, request), { minLength: 8, maxLength: 8 }),
        (policy, at, gone, slip, asked) => {
          const before = compilePolicy(policy);
          const lines = policy.texts[0]?.text.split('\n') ?? [];
          const changed = lines
            .map((line, index) => (index === at ? slip : line))
            .filter((_, index) => index !== gone);
          const textOf = (list: readonly string[]) => [{ name: 'policy.csv', text: list.join('\n') }];
          const after = compilePolicy({ ...policy, texts: textOf([...changed, slip]) }, before);
          const alone = compilePolicy({ ...policy, texts: textOf(changed.filter((line) => line !== slip)) });
          expect(after.issues.length).toBeGreaterThan(0);
          for (const [one, what] of asked) {
            const decision = decide(after, one, what).allowed;
            expect(decision).toBe(decide(before, one, what).allowed && decide(alone, one, what).allowed);
          }
        },
      ),
      { numRuns: 300, seed: 12 },
    );
  });
});
