import { ownField } from '../own-field.ts';

/**
 * What is accepted and has no effect yet, with what holds instead: whoever moves over must not believe that it protects.
 * A key that ends with a dot or a slash stands for all that begin so. Whoever builds one removes its row.
 */
export const noEffectYet = {
  'argocd-cm': {
    'accounts.': 'the only account is admin',
    'admin.enabled': 'admin can always log in',
    'application.allowedNodeLabels': 'no labels of nodes are shown',
    'application.links': 'no links are shown',
    'cluster.inClusterEnabled': 'the home cluster can always be used',
    configManagementPlugins: 'plugins are sidecars or stand in argocd-cmp-cm',
    'dex.config': 'nobody can log in through Dex',
    'exec.': 'nobody can open a terminal',
    'extension.': 'there are no extensions',
    'ga.': 'nothing is sent to Google Analytics',
    'helm.repositories': 'repositories are registered through API or command',
    'help.': 'there is no chat link',
    'oidc.': 'nobody can log in through OpenID Connect',
    passwordPattern: 'a new password has 8 to 32 characters',
    'project.links': 'no links are shown',
    repositories: 'repositories are registered through API or command',
    'repository.credentials': 'templates are registered through API or command',
    'resource.customLabels': 'no labels are shown with objects',
    'resource.excludeEventLabelKeys': 'events carry no labels',
    'resource.includeEventLabelKeys': 'events carry no labels',
    'resource.links': 'no links are shown',
    'resource.respectRBAC': 'kinds that may not be listed are left out in any case',
    'server.': 'logs are for whoever has the right to logs',
    'server.rbac.disableApplicationFineGrainedRBACInheritance':
      'single objects are changed and deleted by actions alone, each of which has its own right',
    'statusbadge.': 'there are no badges',
    'ui.': 'there are no banners and no styles',
    'users.anonymous.enabled': 'nobody can see anything without logging in',
    'webhook.': 'KEELSON_WEBHOOK_* of the server are the secrets',
  },
  'argocd-cmd-params-cm': {
    'applicationsetcontroller.': 'there are no ApplicationSets',
    'commitserver.': 'there is no hydration',
    'controller.': 'variables of the roles take its place',
    'dexserver.': 'nobody can log in through Dex',
    'log.': 'KEELSON_LOG_LEVEL says how much is logged',
    'notificationscontroller.': 'nobody is notified',
    'otlp.': 'no traces are sent',
    'redis.': 'there is no Redis',
    'repo.server': 'workers render',
    'reposerver.': 'variables of the worker take its place',
    'server.': 'variables of the server take its place',
  },
  ConfigMap: {
    'argocd-image-updater-config': 'images are not updated',
    'argocd-notifications-cm': 'nobody is notified',
  },
  AppProject: {
    sourceIntegrity: 'signatures are demanded by signatureKeys alone',
  },
  Application: {
    'metadata.annotations.argocd-image-updater.argoproj.io/': 'images are not updated',
    'metadata.annotations.argocd.argoproj.io/refresh': 'a refresh is asked for through API, command or UI',
    'metadata.annotations.argocd.argoproj.io/skip-reconcile': 'it is compared and synced all the same',
    'metadata.annotations.notifications.argoproj.io/': 'nobody is notified',
    'metadata.finalizers.post-delete-finalizer.argocd.argoproj.io': 'PostDelete hooks run in any case',
    'metadata.finalizers.pre-delete-finalizer.argocd.argoproj.io': 'PreDelete hooks run in any case',
    'spec.source.helm.version': 'the one Helm of the tools renders',
    'spec.source.tagPrefix': 'versions are looked for among whole tags',
    'spec.sourceHydrator': 'nothing is hydrated, and only source and sources are deployed',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Whose keys the table lists. */
export type NoEffectSource = keyof typeof noEffectYet;

/** What holds instead of a key that has no effect yet; undefined for others. */
export function noEffectOf(place: NoEffectSource, key: string): string | undefined {
  const rows: Readonly<Record<string, string>> = noEffectYet[place];
  const whole = ownField(rows, key);
  return whole ?? Object.entries(rows).find(([known]) => /[./]$/.test(known) && key.startsWith(known))?.[1];
}
