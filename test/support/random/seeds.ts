import { randomInt } from 'node:crypto';

/**
 * The seeds of a random test: a fixed one, so that what passed passes again, and a fresh one, which is printed and
 * reaches what the fixed one never does. `KEELSON_TEST_SEED` stands for the fresh one when a failure is looked into.
 */
export function seedsOf(test: string, fixed: number): readonly number[] {
  const given = process.env['KEELSON_TEST_SEED'];
  const fresh = given === undefined ? randomInt(2 ** 31) : Number(given);
  process.stdout.write(
    `${test}: seeds ${fixed} and ${fresh} (KEELSON_TEST_SEED=${fresh} repeats the second)\n`,
  );
  return [fixed, fresh];
}
