import { defineConfig } from 'vitest/config';

const outside = ['**/node_modules/**', '**/dist/**', '**/.keelson/**'];

export default defineConfig({
  test: {
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
          // Two cores: files share one platform, and more than two at once only wait for each other.
          maxWorkers: 2,
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
