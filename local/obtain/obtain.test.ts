import { describe, expect, it } from 'vitest';
import { quietReporter } from '../reporter.ts';
import type { Artefact, Obtaining } from './artefact.ts';
import { obtainAll, stoppedWhileObtaining } from './obtain.ts';

function artefact(name: string, parts: Partial<Artefact> = {}): Artefact {
  let path: string | undefined;
  return {
    name,
    title: `${name} 1.0.0 (for tests)`,
    neededFor: ['start'],
    optional: false,
    family: name,
    expectedSeconds: 60,
    find: async () => path,
    obtain: async (how) => {
      how.say('built in 0 s');
      path = `/tools/${name}`;
      return path;
    },
    ...parts,
  };
}

/** Gives each caller a moment in which it can be seen to be under way. */
const moment = () => new Promise((resolve) => setImmediate(resolve));

function reporting() {
  const lines: string[] = [];
  const progress: string[] = [];
  return {
    lines,
    progress,
    reporter: {
      say: (line: string) => void lines.push(line),
      progress: (line: string) => void progress.push(line),
    },
  };
}

describe('local/obtain', () => {
  it('numbers what is missing in the order of the list, and leaves out what is there', async () => {
    const { lines, reporter } = reporting();
    const there = artefact('there', { find: async () => '/usr/bin/there' });
    await obtainAll([artefact('first'), there, artefact('second')], { reporter, lanes: 1 });
    expect(lines).toEqual([
      '2 tools are missing and are obtained now: downloads take a minute or two, builds with Go up to 2 min, once',
      'tool 1 of 2: first 1.0.0 (for tests): built in 0 s',
      'tool 2 of 2: second 1.0.0 (for tests): built in 0 s',
    ]);
  });

  it('says nothing when everything is there', async () => {
    const { lines, reporter } = reporting();
    const only = artefact('only', { find: async () => '/usr/bin/only' });
    await obtainAll([only], { reporter });
    expect(lines).toEqual([]);
  });

  it('obtains two side by side, and those of one family one after the other', async () => {
    const busy = new Set<string>();
    const together: string[] = [];
    const watched = (name: string, family: string) =>
      artefact(name, {
        family,
        obtain: async () => {
          busy.add(name);
          together.push([...busy].join('+'));
          await moment();
          busy.delete(name);
          return name;
        },
      });
    const list = [watched('api', 'k8s'), watched('manager', 'k8s'), watched('helm', 'helm')];
    await obtainAll(list, { reporter: quietReporter, lanes: 2 });
    expect(together).toEqual(['api', 'api+helm', 'helm+manager']);
  });

  it('shows what both lanes are at in one line', async () => {
    const { progress, reporter } = reporting();
    const slow = (name: string) =>
      artefact(name, {
        obtain: async (how) => {
          how.progress('34 of 61 MB');
          await moment();
          return name;
        },
      });
    await obtainAll([slow('a'), slow('b')], { reporter, lanes: 2 });
    expect(progress.at(-1)).toBe(
      'tool 1 of 2: a 1.0.0 (for tests): 34 of 61 MB | tool 2 of 2: b 1.0.0 (for tests): 34 of 61 MB',
    );
  });

  it('stops the other lane when one fails, and waits for it', async () => {
    let stopped = false;
    const failing = artefact('failing', { obtain: async () => Promise.reject(new Error('no compiler')) });
    const slow = artefact('slow', {
      obtain: async ({ signal }) => {
        await untilAborted(signal);
        await moment();
        stopped = true;
        throw signal.reason;
      },
    });
    const list = [slow, failing, artefact('never')];
    await expect(obtainAll(list, { reporter: quietReporter, lanes: 2 })).rejects.toThrow('no compiler');
    expect(stopped).toBe(true);
    expect(await list[2]?.find()).toBeUndefined();
  });

  it('goes on without an optional one, and says why', async () => {
    const { lines, reporter } = reporting();
    const optional = artefact('module', {
      optional: true,
      obtain: async () => Promise.reject(new Error('no go on PATH')),
    });
    const needed = artefact('needed');
    await obtainAll([optional, needed], { reporter, lanes: 1 });
    expect(lines).toContain('tool 1 of 2: module 1.0.0 (for tests): left out, no go on PATH');
    expect(await needed.find()).toBe('/tools/needed');
  });

  it.each([false, true])('ends with the reason when it is stopped (optional: %s)', async (optional) => {
    const stop = new AbortController();
    const slow = artefact('slow', {
      optional,
      obtain: async ({ signal }: Obtaining) => {
        stop.abort(stoppedWhileObtaining());
        await untilAborted(signal);
        throw signal.reason;
      },
    });
    const { lines, reporter } = reporting();
    const work = obtainAll([slow, artefact('next')], {
      reporter,
      signal: stop.signal,
      lanes: 1,
    });
    await expect(work).rejects.toThrow(/^stopped before every tool was there/);
    // What was stopped is not what can't be had.
    expect(lines.join()).not.toContain('left out');
  });
});

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });
}
