import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { decide } from '../core/rbac/decide.ts';
import { type CompiledPolicy, compilePolicy, type PolicyInput } from '../core/rbac/policy/compile.ts';
import type { MatchMode } from '../core/rbac/policy/rules.ts';
import { randomFrom } from '../test/support/random/random.ts';
import { quantile } from './support/figures.ts';

/** What compiling a large installation's policies and one check of a right cost. */
const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '2000' },
    projects: { type: 'string', default: '200' },
    groups: { type: 'string', default: '30' },
    checks: { type: 'string', default: '200000' },
  },
});
const [lines, projects, groups, checks] = [values.lines, values.projects, values.groups, values.checks].map(
  Number,
) as [number, number, number, number];

const actions = ['get', 'sync', 'update', 'delete', 'action/*', '*', 'override', 'create'];

/** A twelfth of the lines are memberships; of the others a tenth denies and a hundredth is of all projects. */
function makeInput(mode: MatchMode): PolicyInput {
  const any = mode === 'glob' ? '*' : '.*';
  const teams = Math.ceil(lines / 12);
  const text = Array.from({ length: lines }, (_, at) => {
    const team = at % teams;
    if (at < teams) return `g, my-org:team-${team}, role:team-${team}`;
    const action = actions[at % actions.length] ?? 'get';
    const name = at % 7 === 0 ? `web-${any}` : any;
    const project = at % 100 === 3 ? any : `project-${(team * 7 + at) % projects}`;
    const effect = at % 10 === 7 ? 'deny' : 'allow';
    const resource = at % 5 === 0 ? 'logs' : 'applications';
    return `p, role:team-${team}, ${resource}, ${action.replace('*', any)}, ${project}/${name}, ${effect}`;
  });
  return {
    texts: [{ name: 'policy.csv', text: text.join('\n') }],
    defaultRole: 'role:readonly-logs',
    mode,
    projects: Array.from({ length: projects }, (_, at) => ({
      metadata: { name: `project-${at}` },
      spec: {
        roles: ['dev', 'ops', 'ci'].map((role) => ({
          name: role,
          policies: ['get', 'sync', 'delete'].map(
            (action) => `p, proj:project-${at}:${role}, applications, ${action}, project-${at}/*, allow`,
          ),
          groups: [`my-org:${role}-${at}`, `my-org:team-${(at * 3) % teams}`],
        })),
      },
    })),
  };
}

function measure(policy: CompiledPolicy): void {
  const next = randomFrom(1);
  const random = (below: number): number => Math.floor(next() * below);
  const teams = Math.ceil(lines / 12);
  const people = Array.from({ length: 200 }, (_, at) => ({
    name: `user-${at}`,
    groups: Array.from({ length: groups }, () => `my-org:team-${random(teams)}`),
  }));
  const times: number[] = [];
  let granted = 0;
  for (let at = 0; at < checks; at += 1) {
    const subject = people[random(people.length)] ?? { name: '', groups: [] };
    const action = actions[random(4)] ?? 'get';
    const object = `project-${random(projects)}/web-${random(1000)}`;
    let least = Number.POSITIVE_INFINITY;
    let allowed = false;
    for (let time = 0; time < 3; time += 1) {
      const begun = performance.now();
      ({ allowed } = decide(policy, subject, { resource: 'applications', action, object }));
      least = Math.min(least, performance.now() - begun);
    }
    // The shortest of three: on a machine that others use, the rest is their work.
    times.push(least * 1000);
    granted += allowed ? 1 : 0;
  }
  const share = (part: number): string => quantile(times, part).toFixed(1);
  const grants = `${Math.round((granted / checks) * 100)}% granted`;
  console.log(
    `  check p50 ${share(0.5)} us, p90 ${share(0.9)} us, p99 ${share(0.99)} us (${checks} checks, ${grants})`,
  );
}

for (const mode of ['glob', 'regex'] as const) {
  const input = makeInput(mode);
  compilePolicy(input);
  const compiling = Array.from({ length: 5 }, () => {
    const begun = performance.now();
    compilePolicy(input);
    return performance.now() - begun;
  });
  const spread = (part: number): string => quantile(compiling, part).toFixed(1);
  console.log(`${mode}: ${lines} lines, ${projects} projects, ${groups} groups`);
  console.log(`  compile least ${spread(0)} ms, median ${spread(0.5)} ms, most ${spread(1)} ms`);
  const policy = compilePolicy(input);
  if (policy.issues.length > 0) throw new Error(`${policy.issues.length} lines cannot be read`);
  measure(policy);
}
console.log(`load ${loadavg()[0]?.toFixed(1)}`);
