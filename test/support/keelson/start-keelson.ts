import { startKeelsonOn, type TestKeelson } from './keelson.ts';
import { testPlatform } from './platform.ts';

export type { TestKeelson } from './keelson.ts';

/** Starts a Keelson of the test file's own on the shared platform, with its own database and Temporal namespace. */
export async function startKeelson(
  options: { readonly env?: Readonly<Record<string, string>> } = {},
): Promise<TestKeelson & { readonly databaseUrl: string }> {
  const facts = await testPlatform().createFacts();
  const keelson = await startKeelsonOn(facts, options);
  return {
    ...keelson,
    databaseUrl: facts.databaseUrl,
    async stop() {
      await keelson.stop();
      await facts.drop();
    },
  };
}
