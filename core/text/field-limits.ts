import { ownField } from '../own-field.ts';

/** Most characters of a field, by its name; what Kubernetes, Git or a file system would refuse beyond it. */
const longest: Readonly<Record<string, number>> = {
  appName: 253,
  appNamespace: 63,
  appProject: 253,
  chart: 1024,
  container: 253,
  directoryGlob: 1024,
  filter: 1024,
  group: 253,
  hostNamePattern: 1024,
  keyID: 40,
  kind: 253,
  name: 253,
  namespace: 63,
  path: 4096,
  podName: 253,
  project: 253,
  projects: 253,
  ref: 253,
  repo: 2048,
  repoURL: 2048,
  resourceName: 253,
  resourceVersion: 253,
  revision: 1024,
  revisions: 1024,
  selector: 4096,
  server: 2048,
  targetRevision: 1024,
  url: 2048,
  version: 253,
};

/** What is wrong with the length of a field's text; undefined when nothing is, or the field may have any length. */
export function lengthFault(field: string, text: string | undefined): string | undefined {
  const most = ownField(longest, field);
  if (text === undefined || most === undefined || text.length <= most) return undefined;
  return `has ${text.length} characters, and may have ${most}; shorten it`;
}
