import { useMemo } from 'react';
import type { Application } from '../../core/application/spec.ts';
import { getResourceTree } from '../api.ts';
import { joinResources, type Resource } from '../model/resource.ts';
import { type Loaded, useLoad } from './use-load.ts';

export type LoadedResources = Omit<Loaded<unknown>, 'value'> & {
  /** Undefined until the tree has arrived. */
  readonly resources: readonly Resource[] | undefined;
};

/** The objects of an application, fetched again with every change of it. */
export function useResources(name: string, application: Application | undefined): LoadedResources {
  const version = application?.metadata.resourceVersion;
  const key = application === undefined ? undefined : `${name} ${version ?? ''}`;
  const { value, error, reload } = useLoad(key, (signal) => getResourceTree(name, signal));
  const statuses = application?.status?.resources;
  const resources = useMemo(
    () => (value === undefined ? undefined : joinResources(value.nodes ?? [], statuses ?? [])),
    [value, statuses],
  );
  return { resources, error, reload };
}
