import type { Resource } from '../../model/resource.ts';

/** Objects whose kind or name holds every word, with their ancestors so that they keep their place in the tree. */
export function filterResources(resources: readonly Resource[], search: string): readonly Resource[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return resources;
  const byId = new Map(resources.map((resource) => [resource.id, resource]));
  const kept = new Set<string>();
  for (const resource of resources) {
    const text = `${resource.node.kind} ${resource.node.name}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    let at: Resource | undefined = resource;
    while (at !== undefined && !kept.has(at.id)) {
      kept.add(at.id);
      at = at.parent === undefined ? undefined : byId.get(at.parent);
    }
  }
  return resources.filter((resource) => kept.has(resource.id));
}
