import type { RoleOptions } from '../../../bin/up/roles.ts';
import { startKeelsonOn, type TestKeelson } from './keelson.ts';
import { testPlatform } from './platform.ts';

export type { TestKeelson } from './keelson.ts';

/** Starts a Keelson of the test file's own on the shared platform, with its own database and Temporal namespace. */
export async function startKeelson(
  options: {
    readonly env?: Readonly<Record<string, string>>;
    /** What single roles are started with besides. */
    readonly own?: RoleOptions['own'];
    /** Of the home cluster, where it isn't the shared one. */
    readonly kubeconfigPath?: string;
  } = {},
): Promise<TestKeelson & { readonly databaseUrl: string }> {
  const facts = await testPlatform().createFacts();
  const { kubeconfigPath = facts.kubeconfigPath, ...others } = options;
  const keelson = await startKeelsonOn({ ...facts, kubeconfigPath }, others);
  return {
    ...keelson,
    databaseUrl: facts.databaseUrl,
    async stop() {
      await keelson.stop();
      await facts.drop();
    },
  };
}
