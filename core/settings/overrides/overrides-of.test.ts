import { describe, expect, it } from 'vitest';
import { overrideOf, overridesOf } from './overrides-of.ts';
import { readResourceOverrides } from './resource-overrides.ts';

const overrides = readResourceOverrides(
  {
    'resource.customizations': `
"*/*": {ignoreDifferences: "jsonPointers: [/status]", health.lua: any}
"*.example.com/*": {health.lua: family, health.lua.useOpenLibs: false}
x.example.com/Thing: {ignoreDifferences: "jsonPointers: [/spec/x]"}
Thing: {health.lua: core}
`,
  },
  () => {},
);
const settings = { overrides };

describe('core/settings/overrides-of', () => {
  it('lists the overrides of a kind, exact before globs', () => {
    const found = overridesOf(settings, { group: 'x.example.com', kind: 'Thing' });
    expect(found.map(({ group, kind }) => `${group}/${kind}`)).toEqual([
      'x.example.com/Thing',
      '*.example.com/*',
      '*/*',
    ]);
    expect(overridesOf(settings, { group: 'x.example.com', kind: 'Thing' })).toBe(found);
  });

  it('finds the first match of each sort', () => {
    const thing = { group: 'x.example.com', kind: 'Thing' };
    expect(overrideOf(settings, thing, 'healthLua')).toBe('family');
    expect(overrideOf(settings, thing, 'useOpenLibs')).toBe(false);
    expect(overrideOf(settings, thing, 'ignoreDifferences')?.jsonPointers).toEqual(['/spec/x']);
    expect(overrideOf(settings, thing, 'actions')).toBeUndefined();
  });

  it('tells the core group from others', () => {
    expect(overrideOf(settings, { group: '', kind: 'Thing' }, 'healthLua')).toBe('core');
    expect(overrideOf(settings, { group: 'apps', kind: 'Thing' }, 'healthLua')).toBe('any');
  });
});
