import type { SettingMapName } from './problem.ts';

/** Keys, or beginnings of keys that end with a dot, that mean something to others and nothing here. */
const unused: Readonly<Record<Exclude<SettingMapName, 'argocd-cmp-cm'>, readonly string[]>> = {
  'argocd-cm': [
    'accounts.',
    'additionalUrls',
    'admin.enabled',
    'application.allowedNodeLabels',
    'application.links',
    'application.sync.impersonation.enabled',
    'cluster.inClusterEnabled',
    'configManagementPlugins',
    'dex.config',
    'exec.',
    'extension.',
    'ga.',
    'globalProjects',
    'helm.repositories',
    'help.',
    'oidc.',
    'passwordPattern',
    'project.links',
    'repositories',
    'repository.credentials',
    'resource.customLabels',
    'resource.excludeEventLabelKeys',
    'resource.includeEventLabelKeys',
    'resource.links',
    'resource.respectRBAC',
    'server.',
    'statusbadge.',
    'timeout.',
    'ui.',
    'url',
    'users.',
    'webhook.',
  ],
  'argocd-cmd-params-cm': [
    'application.namespaces',
    'applicationsetcontroller.',
    'commitserver.',
    'controller.',
    'dexserver.',
    'log.',
    'notificationscontroller.',
    'otlp.',
    'redis.',
    'repo.server',
    'reposerver.',
    'server.',
  ],
};

/** Whether a key is one that other tools read and that has no effect here. */
export function isUnusedKey(configMap: keyof typeof unused, key: string): boolean {
  return unused[configMap].some((known) => key === known || (known.endsWith('.') && key.startsWith(known)));
}
