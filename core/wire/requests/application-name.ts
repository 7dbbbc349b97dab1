/** The parts of an application's name as people write it: `name` or `namespace/name`. */
export function splitName(qualified: string): {
  readonly name: string;
  readonly namespace: string | undefined;
} {
  const slash = qualified.indexOf('/');
  if (slash === -1) return { name: qualified, namespace: undefined };
  return { name: qualified.slice(slash + 1), namespace: qualified.slice(0, slash) };
}

/** The namespace of an application in a query or a body, where its name says one. */
export function namespaceOf(qualified: string): { readonly appNamespace?: string } {
  const { namespace } = splitName(qualified);
  return namespace === undefined ? {} : { appNamespace: namespace };
}

/** The path of an application. */
export function applicationPath(qualified: string): string {
  return `api/v1/applications/${encodeURIComponent(splitName(qualified).name)}`;
}
