import type { HealthStatus } from '../application/words.ts';
import type { Manifest } from '../object/manifest/manifest.ts';
import { globPattern } from '../text/glob.ts';
import { type HealthCheck, observed } from './check.ts';
import { health, type ObjectHealth } from './health.ts';
import { plainWords } from './plain-words.ts';

/** How the objects of some kinds are judged: the first check that has an answer gives it. */
export type KindRule = {
  /** Group of the kinds; `*` stands for any text. */
  readonly group: string;
  /** Kinds; `*` stands for any text. */
  readonly kinds: readonly string[];
  /** The fields that the checks look at, for people. */
  readonly restsOn: string;
  /**
   * What spec, labels and annotations say alone. Asked before the generations: what a person holds stays held though
   * no controller looks at it any more.
   */
  readonly fromSpec?: readonly HealthCheck[];
  /** How the status tells of which spec it speaks, where that is not by `status.observedGeneration`. */
  readonly observes?: HealthCheck;
  /** What releases before a certain one wrote instead, asked after the checks. */
  readonly earlier?: {
    readonly before: string;
    readonly restsOn: string;
    readonly checks: readonly HealthCheck[];
  };
  /** Empty for kinds that a glob of another rule takes in though they have no status to judge. */
  readonly checks: readonly HealthCheck[];
  /** The health of an object whose status says nothing, for kinds that say nothing while all is well. */
  readonly silent?: HealthStatus;
};

/** Judges a live object by a rule; an object whose status says nothing yet is on its way. */
export function assessByRule(rule: KindRule, live: Manifest): ObjectHealth {
  const { fromSpec = [], observes = observed, checks, earlier, silent } = rule;
  for (const check of [...fromSpec, observes, ...checks, ...(earlier?.checks ?? []), plainWords]) {
    const answer = check(live);
    if (answer !== undefined) return answer;
  }
  return silent === undefined
    ? health('Progressing', `waiting for the status of the ${live.kind}`)
    : health(silent);
}

/** Finds the rule of a kind: exact names before globs, and the nearest glob. */
export function createRuleLookup(
  rules: readonly KindRule[],
): (group: string, kind: string) => KindRule | undefined {
  const exact = new Map<string, KindRule>();
  const globs: {
    readonly order: number;
    readonly fits: (key: string) => boolean;
    readonly rule: KindRule;
  }[] = [];
  for (const rule of rules) {
    for (const kind of rule.kinds) {
      const key = `${rule.group}/${kind}`;
      if (!key.includes('*')) exact.set(key, rule);
      else globs.push({ order: globOrder(rule.group, kind), fits: kindPattern(rule.group, kind), rule });
    }
  }
  const ordered = globs.toSorted((a, b) => a.order - b.order);
  /** A cluster has a few hundred kinds, and each of its objects asks. */
  const found = new Map<string, KindRule | undefined>();
  return (group, kind) => {
    const key = `${group}/${kind}`;
    if (!found.has(key)) found.set(key, exact.get(key) ?? ordered.find(({ fits }) => fits(key))?.rule);
    return found.get(key);
  };
}

/** Smaller is nearer: fewer globs, the kind's before the group's, and of the same sort the longer text. */
function globOrder(group: string, kind: string): number {
  const globs = (group.includes('*') ? 2 : 0) + (kind.includes('*') ? 1 : 0);
  return globs * 1000 - group.length - kind.length;
}

/** Here an asterisk stands for text without a slash, so each half of the key is a glob of its own. */
function kindPattern(group: string, kind: string): (key: string) => boolean {
  const [groups, kinds] = [globPattern(group), globPattern(kind)];
  return (key) => {
    const slash = key.indexOf('/');
    return groups.test(key.slice(0, slash)) && kinds.test(key.slice(slash + 1));
  };
}
