import { z } from 'zod';
import type { ResourceKey } from '../object/key.ts';

/** The identity of a Kubernetes object; group and namespace are empty where there is none. */
export const ObjectKey = z.object({
  group: z.string(),
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
}) satisfies z.ZodType<ResourceKey>;
export type ObjectKey = z.infer<typeof ObjectKey>;
