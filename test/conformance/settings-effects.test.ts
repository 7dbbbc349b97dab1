import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cmKeys, paramKeys } from '../../core/settings/keys/map-keys.ts';
import type { Outcome } from '../../core/settings/keys/outcome.ts';
import { flags, type StartKey, variables } from '../../core/settings/keys/start-keys.ts';
import { mostInParts, seenEffects } from './settings-effects.ts';

const outcomes: readonly (readonly [string, Outcome])[] = [
  ...Object.entries<Outcome>(cmKeys),
  ...Object.entries<Outcome>(paramKeys),
  ...[...Object.entries<StartKey>(variables), ...Object.entries<StartKey>(flags)].map(
    ([name, { outcome }]) => [name, outcome] as const,
  ),
];

describe('words of the reference that are mapped', () => {
  it('each have a test that sees the effect, and no others have', () => {
    const mapped = outcomes.filter(([, { state }]) => state === 'mapped').map(([name]) => name);
    expect(Object.keys(seenEffects).sort()).toEqual(mapped.sort());
  });

  it.each(Object.entries(seenEffects))('name a test that is there: %s', (_, { file, test }) => {
    expect(readFileSync(join(import.meta.dirname, '../..', file), 'utf8')).toContain(test);
  });

  it('are seen in whole roles more and more', () => {
    const inParts = Object.values(seenEffects).filter((seen) => seen.in === 'parts');
    expect(inParts).toHaveLength(mostInParts);
  });
});
