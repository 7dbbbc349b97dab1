import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/process/longest-first.ts';

const outside = ['**/node_modules/**', '**/dist/**', '**/.keelson/**'];

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...outside, 'test/!(conformance)/**'],
          testTimeout: 10_000,
          // Two thirds of the time went into starting a process for each file and reading the same modules again.
          isolate: false,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'integration',
          sequence: { groupOrder: 1 },
          include: ['test/**/*.test.ts'],
          exclude: [...outside, 'test/conformance/**', 'test/long/**'],
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          isolate: false,
          // Files share one platform and wait for a third of their time: two of them leave two cores idle that long.
          maxWorkers: 3,
        },
      },
      {
        test: {
          // The long forms of random tests: `npm run test:long`, never part of `npm test`.
          name: 'long',
          sequence: { groupOrder: 2 },
          include: ['test/long/**/*.test.ts'],
          exclude: outside,
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 3_600_000,
          hookTimeout: 180_000,
          maxWorkers: 1,
        },
      },
    ],
  },
});
