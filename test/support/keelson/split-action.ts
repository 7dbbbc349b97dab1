import { stringify } from 'yaml';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import type { TestKeelson } from './keelson.ts';

const splitScript = `
local function part(metadata)
  return {apiVersion = "v1", kind = "ConfigMap", metadata = metadata, data = {from = obj.metadata.name}}
end
obj.data.state = "split"
return {
  {operation = "create", resource = part({generateName = obj.metadata.name .. "-part-"})},
  {operation = "create", resource = part({name = obj.metadata.name .. "-second"})},
  {operation = "patch", resource = obj},
}`;

/** Settings with an action `split` of ConfigMaps, which creates two more and patches its own. */
export const splitSettings = {
  'argocd-cm': {
    'resource.customizations.actions.ConfigMap': stringify({
      'discovery.lua': 'actions = {}\nactions["split"] = {}\nreturn actions',
      definitions: [{ name: 'split', 'action.lua': splitScript }],
    }),
  },
};

/** One ConfigMap of an application as requests name it. */
export const mapIn = (namespace: string, name: string) => ({
  ...{ group: '', version: 'v1', kind: 'ConfigMap' },
  ...{ namespace, name },
});

/** Runs `split` on a ConfigMap. */
export function split({ client }: TestKeelson, application: string, namespace: string, name: string) {
  const object = mapIn(namespace, name);
  return client.applications.runAction(application, object, { action: 'split', parameters: [] });
}

/** The ConfigMaps that `split` has made of one. */
export async function partsOf(
  { cluster }: TestKeelson,
  namespace: string,
  name: string,
): Promise<readonly Manifest[]> {
  const resource = await cluster.resourceFor('v1', 'ConfigMap');
  const { items } = await cluster.list(resource, { namespace });
  return items.filter((item) => item.metadata.name?.startsWith(`${name}-`));
}
