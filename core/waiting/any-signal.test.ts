import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { productFolders, sourceFiles } from '../../test/support/check/source-files.ts';
import { anySignal } from './any-signal.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** A composite of which nobody but it knows the sources, after one of them has aborted and garbage was collected. */
async function aborted(make: () => { composite: AbortSignal; abort?: () => void }): Promise<AbortSignal> {
  const { composite } = (() => {
    const { composite, abort } = make();
    abort?.();
    return { composite };
  })();
  await turn();
  collectGarbage();
  await turn();
  collectGarbage();
  // To ask for it is not to listen.
  await expect.poll(() => composite.aborted).toBe(true);
  return composite;
}

describe('core/any-signal', () => {
  it('has aborted although nobody listened and what aborted is gone', async () => {
    const timed = await aborted(() => ({ composite: anySignal([AbortSignal.timeout(20)]) }));
    expect(timed.aborted).toBe(true);
    expect(timed.reason).toMatchObject({ name: 'TimeoutError' });
    const controlled = await aborted(() => {
      const controller = new AbortController();
      const composite = anySignal([anySignal([controller.signal]), new AbortController().signal]);
      return { composite, abort: () => controller.abort('enough') };
    });
    expect(controlled.reason).toBe('enough');
  });

  it('tells those who listen, with the reason', () => {
    const controller = new AbortController();
    const composite = anySignal([new AbortController().signal, controller.signal]);
    const heard: unknown[] = [];
    composite.addEventListener('abort', () => heard.push(composite.reason));
    controller.abort('enough');
    expect(heard).toEqual(['enough']);
  });

  it('makes all composites of the product', () => {
    const files = sourceFiles(productFolders);
    expect(files.length).toBeGreaterThan(500);
    // Browsers keep the sources of a composite themselves.
    const ofNode = files.filter((file) => !file.startsWith('ui/'));
    const makers = ofNode.filter((file) => readFileSync(file, 'utf8').includes('AbortSignal.any('));
    expect(makers).toEqual(['core/waiting/any-signal.ts']);
  });
});
