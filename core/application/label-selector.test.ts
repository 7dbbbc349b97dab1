import { describe, expect, test } from 'vitest';
import { parseLabelSelector, selects } from './label-selector.ts';

const labels = { team: 'a', 'example.com/tier': 'web', empty: '' };

describe('core/application/label-selector', () => {
  test.each([
    ['', true],
    ['team=a', true],
    ['team==a', true],
    ['team=b', false],
    ['team!=b', true],
    ['gone!=b', true],
    ['team!=a', false],
    ['example.com/tier in (web, db)', true],
    ['example.com/tier notin (web)', false],
    ['gone notin (web)', true],
    ['gone in (web)', false],
    ['team', true],
    ['!team', false],
    ['!gone', true],
    ['empty=', true],
    ['team=a,example.com/tier in (web,db),!gone', true],
    ['team=a,gone', false],
  ])('%s selects: %s', (text, selected) => {
    expect(selects(parseLabelSelector(text), labels)).toBe(selected);
  });

  test.each(['team = = a', 'team in a', 'in (a)', '=a', 'a b'])(
    '%s is refused with the forms there are',
    (text) => {
      expect(() => parseLabelSelector(text)).toThrow(/can't be read; write key=value/);
    },
  );
});
