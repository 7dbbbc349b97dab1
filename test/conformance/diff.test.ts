import { afterAll, describe, expect, it } from 'vitest';
import { normalizePair } from '../../core/diff/rules/normalize.ts';
import { formatJqFault, jqExpressions, rulesFor } from '../../core/diff/rules/rules.ts';
import { formatSettingsProblem } from '../../core/settings/words/problem.ts';
import { readSettings } from '../../core/settings/words/read-settings.ts';
import { createJq } from '../../platform/jq/jq.ts';
import { type DiffCase, readDiffCases } from './cases.ts';

const cases = readDiffCases();
const jq = createJq();

afterAll(() => jq.close());

/** The object as it is compared, or what is wrong with the rules. */
async function normalize({ object, rules }: DiffCase): Promise<unknown> {
  const { settings, problems } = readSettings({ 'argocd-cm': rules.settings ?? {} });
  const [problem] = problems;
  if (problem !== undefined) return formatSettingsProblem(problem);
  const all = { settings, ignoreDifferences: rules.ignoreDifferences ?? [] };
  for (const named of jqExpressions(all)) {
    const fault = await jq.faultOf(named.expression);
    if (fault !== undefined) return formatJqFault(named, fault);
  }
  const own = rulesFor(object, all);
  const { live } = normalizePair({ predicted: object, live: object }, own);
  return await jq.remove(live, own.jqPathExpressions);
}

describe('test/conformance/diff', () => {
  it.each(cases)('agrees with $name', async (one) => {
    const found = await normalize(one);
    if (one.expected.fails === undefined) expect(found).toEqual(one.expected.object);
    else expect(found).toEqual(expect.stringContaining(one.expected.fails));
  });

  it('has at least 30 cases', () => {
    expect(cases.length).toBeGreaterThanOrEqual(30);
  });

  it('says of every case what it rests on and why', () => {
    const unfounded = cases.filter(
      ({ expected }) => !/^https:\/\/\S+$/.test(expected.source) || !/^[A-Z].*\.$/s.test(expected.why),
    );
    expect(unfounded.map(({ name }) => name)).toEqual([]);
  });
});
