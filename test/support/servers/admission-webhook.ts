import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { createAuthority } from '../../../local/kubernetes/authority.ts';

/** One change that a webhook makes to an object, in the words of JSON patch. */
export type Mutation = {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
};

/** A mutating admission webhook on loopback. */
export type AdmissionWebhook = {
  /** The configuration that makes an API server call it for a resource in namespaces with a label. */
  configuration(options: {
    readonly name: string;
    readonly resources: readonly string[];
    readonly namespaceLabel: string;
    readonly sideEffects?: 'None' | 'NoneOnDryRun' | 'Some';
  }): Manifest;
  close(): Promise<void>;
};

/** Serves a webhook that answers each object with the mutations given for it. */
export async function startAdmissionWebhook(
  mutate: (object: Manifest) => readonly Mutation[],
): Promise<AdmissionWebhook> {
  const authority = createAuthority();
  const pair = authority.issue({
    subject: { name: 'webhook' },
    use: 'server',
    hosts: ['127.0.0.1'],
  });
  const server: Server = createServer(
    { key: pair.keyPem, cert: pair.certificatePem },
    (request, response) => {
      let text = '';
      request.on('data', (part: Buffer) => (text += part.toString()));
      request.on('end', () => {
        const review = JSON.parse(text) as { request: { uid: string; object: Manifest } };
        const patch = Buffer.from(JSON.stringify(mutate(review.request.object))).toString('base64');
        const answer = { uid: review.request.uid, allowed: true, patchType: 'JSONPatch', patch };
        response.setHeader('content-type', 'application/json');
        response.end(
          JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: answer }),
        );
      });
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    configuration: ({ name, resources, namespaceLabel, sideEffects = 'None' }) => ({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name },
      webhooks: [
        {
          name: `${name}.keelson.test`,
          admissionReviewVersions: ['v1'],
          sideEffects,
          clientConfig: {
            url: `https://127.0.0.1:${port}/mutate`,
            caBundle: Buffer.from(authority.certificatePem).toString('base64'),
          },
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespaceLabel } },
          rules: [
            {
              apiGroups: ['*'],
              apiVersions: ['*'],
              operations: ['CREATE', 'UPDATE'],
              resources: [...resources],
            },
          ],
        },
      ],
    }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
