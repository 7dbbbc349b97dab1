import type { Manifest } from '../object/manifest.ts';
import type { HealthCheck } from './check.ts';
import { health, type ObjectHealth } from './health.ts';

/** How the objects of some kinds are judged: the first check that has an answer gives it. */
export type KindRule = {
  /** Group of the kinds; `*` stands for any text. */
  readonly group: string;
  /** Kinds; `*` stands for any text. */
  readonly kinds: readonly string[];
  /** The fields that the checks look at, for people. */
  readonly restsOn: string;
  /** Empty for kinds that a glob of another rule takes in though they have no status to judge. */
  readonly checks: readonly HealthCheck[];
};

/** Judges a live object by a rule; an object whose status says nothing yet is on its way. */
export function assessByRule({ checks }: KindRule, live: Manifest): ObjectHealth {
  for (const check of checks) {
    const answer = check(live);
    if (answer !== undefined) return answer;
  }
  return health('Progressing', `waiting for the status of the ${live.kind}`);
}

/** Finds the rule of a kind: exact names before globs, and the nearest glob. */
export function createRuleLookup(
  rules: readonly KindRule[],
): (group: string, kind: string) => KindRule | undefined {
  const exact = new Map<string, KindRule>();
  const globs: { readonly order: number; readonly pattern: RegExp; readonly rule: KindRule }[] = [];
  for (const rule of rules) {
    for (const kind of rule.kinds) {
      const key = `${rule.group}/${kind}`;
      if (!key.includes('*')) exact.set(key, rule);
      else globs.push({ order: globOrder(rule.group, kind), pattern: globPattern(key), rule });
    }
  }
  const ordered = globs.toSorted((a, b) => a.order - b.order);
  /** A cluster has a few hundred kinds, and each of its objects asks. */
  const found = new Map<string, KindRule | undefined>();
  return (group, kind) => {
    const key = `${group}/${kind}`;
    if (!found.has(key))
      found.set(key, exact.get(key) ?? ordered.find(({ pattern }) => pattern.test(key))?.rule);
    return found.get(key);
  };
}

/** Smaller is nearer: fewer globs, the kind's before the group's, and of the same sort the longer text. */
function globOrder(group: string, kind: string): number {
  const globs = (group.includes('*') ? 2 : 0) + (kind.includes('*') ? 1 : 0);
  return globs * 1000 - group.length - kind.length;
}

function globPattern(key: string): RegExp {
  const parts = key.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]*')}$`);
}
