/** Applications by the namespaces whose objects of no application they tell of. */
export type OrphanWatch = {
  /** Notes the namespace that an application looks at; none where its project doesn't ask for that. */
  note(applicationId: string, namespace: string | undefined): void;
  of(namespace: string): Iterable<string>;
};

export function createOrphanWatch(): OrphanWatch {
  const namespaceOf = new Map<string, string>();
  const watching = new Map<string, Set<string>>();
  return {
    note(applicationId, namespace) {
      const before = namespaceOf.get(applicationId);
      if (before === namespace) return;
      if (before !== undefined) watching.get(before)?.delete(applicationId);
      if (namespace === undefined) {
        namespaceOf.delete(applicationId);
        return;
      }
      namespaceOf.set(applicationId, namespace);
      watching.set(namespace, (watching.get(namespace) ?? new Set()).add(applicationId));
    },
    of: (namespace) => watching.get(namespace) ?? [],
  };
}
