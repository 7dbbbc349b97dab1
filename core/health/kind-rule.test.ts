import { describe, expect, it } from 'vitest';
import { when } from './check.ts';
import { assessByRule, createRuleLookup, type KindRule } from './kind-rule.ts';

function rule(group: string, ...kinds: string[]): KindRule {
  return { group, kinds, restsOn: `${group} ${kinds}`, checks: [when(() => true, 'Healthy')] };
}

const exact = rule('a.example.com', 'Widget');
const kindGlob = rule('a.example.com', '*');
const nearKindGlob = rule('a.example.com', '*Template');
const groupGlob = rule('*.example.com', 'Widget', 'Gadget');
const bothGlobs = rule('*.example.com', '*');
const find = createRuleLookup([bothGlobs, groupGlob, kindGlob, nearKindGlob, exact]);

describe('core/health/kind-rule', () => {
  it('takes an exact name before globs and the nearest glob', () => {
    expect(find('a.example.com', 'Widget')).toBe(exact);
    expect(find('a.example.com', 'WidgetTemplate')).toBe(nearKindGlob);
    expect(find('a.example.com', 'Gadget')).toBe(kindGlob);
    expect(find('b.example.com', 'Gadget')).toBe(groupGlob);
    expect(find('b.example.com', 'Gizmo')).toBe(bothGlobs);
  });

  it('takes dots of a group for dots and stops at the end of the group', () => {
    expect(find('example.com', 'Widget')).toBeUndefined();
    expect(find('b.exampleXcom', 'Widget')).toBeUndefined();
    expect(find('b.example.com.evil', 'Widget')).toBeUndefined();
  });

  it('takes an object whose status says nothing for progressing', () => {
    const live = { apiVersion: 'a.example.com/v1', kind: 'Widget', metadata: { name: 'x' } };
    expect(assessByRule({ ...exact, checks: [() => undefined] }, live)).toEqual({
      status: 'Progressing',
      message: 'waiting for the status of the Widget',
    });
  });
});
