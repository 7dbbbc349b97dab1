import { afterAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { createJq } from './jq.ts';

const jq = createJq();

afterAll(() => jq.close());

const deployment: Manifest = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    template: {
      spec: {
        containers: [
          { name: 'web', image: 'a' },
          { name: 'sidecar', image: 'b' },
        ],
      },
    },
  },
};

describe('platform/jq/jq', () => {
  it('removes what an expression selects', async () => {
    const removed = await jq.remove(deployment, [
      '.spec.template.spec.containers[] | select(.name == "sidecar")',
    ]);
    expect(removed['spec']).toEqual({ template: { spec: { containers: [{ name: 'web', image: 'a' }] } } });
  });

  it('leaves every digit of the numbers that it passes by', async () => {
    const numbers = { id: 9007199254740993n, all: [2n ** 63n - 1n, 1e21, 1e-7, 0.1, 18446744073709552000] };
    const removed = await jq.remove({ ...deployment, numbers }, ['.spec', '.metadata.labels']);
    expect(removed).toStrictEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      numbers,
    });
  });

  it('names the places that an expression selects', async () => {
    expect(await jq.paths(deployment, ['.spec.template.spec.containers[].image'])).toEqual([
      ['spec', 'template', 'spec', 'containers', 0, 'image'],
      ['spec', 'template', 'spec', 'containers', 1, 'image'],
    ]);
  });

  it.each([
    ['fails on the object', '.spec.template.spec.containers.web'],
    ['answers with two objects', '.spec) , (.kind'],
    ['answers with something that is no object', '.spec) | (.kind'],
    ['answers with nothing', '.spec) | empty | (.kind'],
    ['reads files', 'input'],
    ['writes a field', '.none) | .copy = .spec | del(.none'],
  ])('leaves an object as it is when an expression %s', async (_name, expression) => {
    expect(await jq.remove(deployment, [expression])).toEqual(deployment);
    expect(await jq.faultOf(expression)).toBeUndefined();
  });

  it('removes elements from the end, slices, and fields with odd names', async () => {
    const containers = '.spec.template.spec.containers';
    const first = await jq.remove(deployment, [`${containers}[-1]`]);
    expect(first).toEqual(await jq.remove(deployment, [`${containers}[1:]`]));
    expect(await jq.paths(first, [`${containers}[]`])).toHaveLength(1);
    const name = 'a"\\(1)\u2028';
    const odd = { ...deployment, odd: { [name]: 1, kept: 2 } };
    expect((await jq.remove(odd, ['.odd | .[keys[] | select(. != "kept")]']))['odd']).toEqual({ kept: 2 });
  });

  it('says what is wrong with an expression that cannot be compiled', async () => {
    expect(await jq.faultOf('.spec[')).toMatch(/syntax error/);
    expect(await jq.faultOf('.spec | nosuch')).toBe('nosuch/0 is not defined');
    expect(await jq.faultOf('.spec.replicas')).toBeUndefined();
  });

  it('does not let an expression see the environment', async () => {
    const seen = await jq.remove(deployment, [
      'if (env | has("PATH") and (.PATH | contains("/bin"))) then .spec else .kind end',
    ]);
    expect(seen).toEqual(deployment);
  });

  it('ends an expression after a second and goes on with the next', async () => {
    const startedAt = performance.now();
    const [stuck, next] = await Promise.all([
      jq.remove(deployment, ['last(range(1e18)) | .spec']),
      jq.remove(deployment, ['.spec']),
    ]);
    expect(performance.now() - startedAt).toBeLessThan(5000);
    expect(stuck).toEqual(deployment);
    expect(next).not.toHaveProperty('spec');
  });

  it('does not let an expression take all the memory', async () => {
    const before = process.memoryUsage().rss;
    expect(await jq.remove(deployment, ['[range(1e8)] | .[0]'])).toEqual(deployment);
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024);
    expect(await jq.remove(deployment, ['.spec'])).not.toHaveProperty('spec');
  });
});
