import { formatJson } from '../core/object/json/json.ts';

/**
 * Where the sealed value of a row stands, by table: the table and what the row is found by. A value that somebody puts
 * into another row isn't opened there, so a cluster's token is never sent to another server.
 */
export const associatedDataOf = {
  clusters: ({ server }: { readonly server: string }) => `clusters/${server}`,
  repositories: ({ url, project }: { readonly url: string; readonly project: string }) =>
    `repositories/${formatJson([project, url])}`,
  repository_templates: ({ url }: { readonly url: string }) => `repository_templates/${url}`,
  settings: ({ key }: { readonly key: string }) => `settings/${key}`,
  manifests: ({ digest }: { readonly digest: string }) => `manifests/${digest}`,
  home_settings: (object: { readonly kind: string; readonly namespace: string; readonly name: string }) =>
    `home_settings/${formatJson([object.kind, object.namespace, object.name])}`,
  uploads: ({ id }: { readonly id: string }) => `uploads/${id}`,
} as const;
