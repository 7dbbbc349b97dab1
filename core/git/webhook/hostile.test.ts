import { describe, expect, it } from 'vitest';
import { webhookSamples } from '../../../test/support/render/webhook-samples.ts';
import { KeelsonError } from '../../errors.ts';
import { isFields } from '../../object/manifest/check-manifest.ts';
import { providerOf } from './providers.ts';

/** What anybody may send in the place of any part of a delivery. */
const others: readonly unknown[] = [
  ...[null, 0, '', [], {}, true, [null], ['x'], { a: 1 }],
  ...['x', '\u0000', 'http://[::1', 'refs/heads/'],
];

/** A payload with another value in the place of each of its parts, one after the other, the whole among them. */
function* variantsOf(value: unknown): Generator<unknown> {
  yield* others;
  if (Array.isArray(value)) {
    for (const [at, child] of value.entries()) for (const one of variantsOf(child)) yield value.with(at, one);
  } else if (isFields(value)) {
    for (const [name, child] of Object.entries(value)) {
      for (const one of variantsOf(child)) yield { ...value, [name]: one };
    }
  }
}

/** The faults of a provider's reader that are not said to whoever sends the delivery. */
function faultsOf(sample: (typeof webhookSamples)[number]): { tried: number; faults: string[] } {
  const { headers, body } = sample.deliver('one', 'refs/heads/main');
  const provider = providerOf((name) => new Headers(headers).get(name) ?? undefined);
  let tried = 0;
  const faults: string[] = [];
  for (const payload of variantsOf(JSON.parse(body))) {
    tried++;
    try {
      provider?.read(provider.title, payload);
    } catch (error) {
      if (!(error instanceof KeelsonError)) faults.push(`${JSON.stringify(payload)}: ${error}`);
    }
  }
  return { tried: provider === undefined ? 0 : tried, faults };
}

describe('a webhook delivery with anything in any place', () => {
  it.each(webhookSamples.map((sample) => [sample.title, sample] as const))(
    'of %s is read or refused',
    (_title, sample) => {
      const { tried, faults } = faultsOf(sample);
      expect(tried).toBeGreaterThan(50);
      expect(faults).toEqual([]);
    },
  );
});
