import { z } from 'zod';
import type { ClusterClient } from '../request/client.ts';

const Review = z.object({ status: z.object({ userInfo: z.object({ username: z.string() }) }) });

/** What the cluster calls the user of a client's credentials. */
export async function ownName(client: ClusterClient, signal: AbortSignal): Promise<string> {
  const review = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'SelfSubjectReview',
    metadata: { name: '' },
  };
  return Review.parse(await client.create(review, { signal })).status.userInfo.username;
}
