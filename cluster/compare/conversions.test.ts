import { describe, expect, it } from 'vitest';
import { KeelsonError } from '../../core/errors.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { createConversions } from './conversions.ts';

const live: Manifest = { apiVersion: 'example.test/v1', kind: 'Thing', metadata: { name: 'x' } };
const old = 'example.test/v1beta1';

/** A cluster that serves the old version until it is told otherwise. */
function clusterOf() {
  const state = { served: true, asked: 0 };
  const get = async (apiVersion: string): Promise<Manifest> => {
    state.asked++;
    if (!state.served) throw new KeelsonError('kind-unknown', `${apiVersion} is not served`);
    return { ...live, apiVersion };
  };
  return { state, conversions: createConversions({ get }) };
}

describe('cluster/compare/conversions', () => {
  it('asks once for an object in another version, and never in its own', async () => {
    const { state, conversions } = clusterOf();
    expect(await conversions.inVersion(live, live.apiVersion)).toBe(live);
    const [first, second] = await Promise.all([
      conversions.inVersion(live, old),
      conversions.inVersion(live, old),
    ]);
    expect(first).toEqual({ ...live, apiVersion: old });
    expect(second).toBe(first);
    expect(state.asked).toBe(1);
  });

  it('says so once a version is not served any more', async () => {
    const { state, conversions } = clusterOf();
    await conversions.inVersion(live, old);
    state.served = false;
    conversions.forget();
    await expect(conversions.inVersion(live, old)).rejects.toMatchObject({ code: 'kind-unknown' });
    state.served = true;
    expect(await conversions.inVersion(live, old)).toEqual({ ...live, apiVersion: old });
  });
});
