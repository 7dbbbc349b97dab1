import { useMemo, useState } from 'react';
import type { Application } from '../../core/application/spec/spec.ts';
import type { ResourceTree, ResourceTreeFrame } from '../../core/wire/tree.ts';
import { getResourceTree, resourceTreeStream } from '../api.ts';
import { joinResources, type Resource } from '../model/resource.ts';
import { useFollow } from './use-follow.ts';

export type FollowedResources = {
  /** Undefined until the tree has arrived. */
  readonly resources: readonly Resource[] | undefined;
  /** Why the tree is missing or may be old. */
  readonly error: string | undefined;
};

/** The objects of an application, kept current by the stream of its tree. */
export function useResources(name: string, application: Application | undefined): FollowedResources {
  const [tree, setTree] = useState<ResourceTree>();
  const [refused, setRefused] = useState<string>();
  const freshness = useFollow<ResourceTreeFrame>(`tree ${name}`, {
    start: async (signal) => {
      setTree(await getResourceTree(name, signal));
      return resourceTreeStream(name);
    },
    batch: (frames) => {
      const last = frames.flatMap((frame) => ('result' in frame ? frame.result : [])).at(-1);
      if (last !== undefined) setTree(last);
    },
    refused: (error) => setRefused(error.message),
  });
  const statuses = application?.status?.resources;
  const resources = useMemo(
    () => (tree === undefined ? undefined : joinResources(tree.nodes, statuses ?? [])),
    [tree, statuses],
  );
  return { resources, error: refused ?? freshness.error };
}
