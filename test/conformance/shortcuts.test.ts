import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { productFolders, sourceFiles, testFiles } from '../support/check/source-files.ts';

/**
 * Why time passes in a test by itself. Nothing else may wait for a while and hope: a condition is polled with a deadline
 * (`expect.poll`, `pollUntil`, `eventually`), or the clock is given by the test.
 */
const reasons: Readonly<Record<string, readonly string[]>> = {
  'the pause between two questions of a poll that has a deadline': [
    'platform/exec.test.ts',
    'test/integration/render/sandbox.test.ts',
    'test/support/keelson/api/api.ts',
    'test/support/servers/ssh-server.ts',
  ],
  'the pause before a broken watch of the test itself begins anew': [
    'test/chaos/process-crash.test.ts',
    'test/support/keelson/watch-jobs.ts',
  ],
  'the pace of a load, or the moment of a disturbance': [
    'test/chaos/random-syncs.test.ts',
    'test/replay/cases.ts',
    'test/support/keelson/write-load.ts',
  ],
  'how long a part takes that the test imitates: what is slow is what is tested': [
    'bench/support/parts.test.ts',
    'core/bounded.test.ts',
    'test/integration/cluster/cluster-transport.test.ts',
    'test/integration/logins/streams.test.ts',
  ],
  'not mended yet: nothing comes to this list': [
    'test/integration/home/deletion-guard.test.ts',
    'test/integration/home/object-status.test.ts',
  ],
  'the seconds that a refusal tells its reader to wait': ['test/integration/remedies/api-requests.test.ts'],
  'how long a stream that may have nothing to say is read': ['test/integration/rights/routes.test.ts'],
  'how long is counted what is asked while nothing happens': ['test/integration/home/upkeep.test.ts'],
  'turns of the event loop, which are counted': ['test/integration/api/api-strangers.test.ts'],
  'a program that the test starts, or code that it reads': [
    'local/process/child.test.ts',
    'test/conformance/workflow-loops.test.ts',
  ],
};

/** Where a library says nothing of what it gives. */
const untyped = ['platform/lua/goto.ts', 'platform/lua/interpreter.ts'];
const casts = /\bas (?:any(?! others?\b)|never|unknown as)\b/;
const comment = /^\s*(?:\/\/|\*|\/\*)/;
/** Sentences that only sound like one. */
const quoting = /^test\/conformance\/shortcuts\.test\.ts|^[^:]+: (?:it|test)\(|has never|was never/;
const passes = /(?<![.\w])(?:sleep|setTimeout)\(/;

describe('tests', () => {
  it('let no time pass but for a reason that is listed', () => {
    const files = testFiles();
    expect(files.length).toBeGreaterThan(600);
    const found = files.filter((file) => passes.test(readFileSync(file, 'utf8')));
    const listed = Object.values(reasons).flat();
    expect(found.filter((file) => !listed.includes(file))).toEqual([]);
    expect(listed.filter((file) => !found.includes(file))).toEqual([]);
  });

  it('and product alike take nothing for what the compiler does not know it to be', () => {
    const files = [...sourceFiles(productFolders), ...testFiles()].filter((file) => !untyped.includes(file));
    const found = files.flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => casts.test(line) && !comment.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );
    expect(found.filter((line) => !quoting.test(line))).toEqual([]);
  });
});
