import { fitsNamespace } from '../project/rules/namespace-pattern.ts';
import { splitName } from '../wire/requests/application-name.ts';
import { isNamespaceName } from './spec/validate.ts';

/** An application as it is named: where it lives, and what it is called there. */
export type ApplicationName = { readonly namespace: string; readonly name: string };

/** Where applications may live: Keelson's own namespace, and those that fit a pattern of the settings. */
export type Homes = { readonly controlPlane: string; readonly patterns: readonly string[] };

/** An application's name as people write it: `name`, or `namespace/name` outside the control-plane namespace. */
export function shownName({ namespace, name }: ApplicationName, controlPlane: string): string {
  return namespace === '' || namespace === controlPlane ? name : `${namespace}/${name}`;
}

/** The same of the application of an operation, which may be gone. */
export function shownTarget(
  operation: { readonly applicationNamespace: string; readonly applicationName: string },
  controlPlane: string,
): string {
  const { applicationNamespace: namespace, applicationName: name } = operation;
  return shownName({ namespace, name }, controlPlane);
}

/** The application that such a name means; more than one slash is part of the name, which then is nobody's. */
export function readName(shown: string, controlPlane: string): ApplicationName {
  const { namespace = controlPlane, name } = splitName(shown);
  return { namespace, name };
}

/**
 * Whether applications may live in a namespace: one that a cluster could have, or `a_b` and `c` would be tracked under the
 * same instance as `a` and `b_c`.
 */
export function isHome(namespace: string, { controlPlane, patterns }: Homes): boolean {
  if (namespace === controlPlane) return true;
  return isNamespaceName(namespace) && patterns.some((pattern) => fitsNamespace(pattern, namespace));
}
