import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pollUntil } from '../../../local/poll.ts';
import { applicationOf } from '../../support/keelson/applications.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';

let keelson: TestKeelson;

const template = `apiVersion: v1
kind: ConfigMap
metadata: {name: told}
data: {widget: {{ .Capabilities.APIVersions.Has "late.example.com/v1/Widget" | quote }}}
`;

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.late.example.com' },
  spec: {
    group: 'late.example.com',
    names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
    scope: 'Cluster',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object' } },
      },
    ],
  },
};

beforeAll(async () => {
  keelson = await startKeelson();
});

afterAll(async () => {
  await keelson?.stop();
});

async function told(): Promise<unknown> {
  const key = { group: '', kind: 'ConfigMap', namespace: 'capable', name: 'told' };
  return (await keelson.cluster.get('v1', key))?.['data'];
}

describe('what a chart is told of its cluster', () => {
  it('follows definitions that are installed and removed later, without anybody asking', async () => {
    const { url } = await keelson.gitServer.createRepository('capable', {
      'Chart.yaml': 'apiVersion: v2\nname: capable\nversion: 0.1.0\n',
      'templates/told.yaml': template,
    });
    const application = applicationOf({ name: 'capable', repoURL: url, path: '.', namespace: 'capable' });
    const spec = {
      ...application.spec,
      syncPolicy: { automated: { selfHeal: true }, syncOptions: ['CreateNamespace=true'] },
    };
    await keelson.create({ ...application, spec });
    await pollUntil('told of none', 60, async () => JSON.stringify(await told()) === '{"widget":"false"}');
    await keelson.cluster.create(definition);
    await pollUntil('told of it', 60, async () => JSON.stringify(await told()) === '{"widget":"true"}');
    const { apiVersion, kind, metadata } = definition;
    await keelson.cluster.delete(apiVersion, {
      group: 'apiextensions.k8s.io',
      kind,
      namespace: '',
      ...metadata,
    });
    await pollUntil('told of none', 60, async () => JSON.stringify(await told()) === '{"widget":"false"}');
    expect(await told()).toEqual({ widget: 'false' });
  });
});
