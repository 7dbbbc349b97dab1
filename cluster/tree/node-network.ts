import { z } from 'zod';
import { maskManifest } from '../../core/diff/secrets/mask.ts';
import type { ResourceKey } from '../../core/object/key.ts';
import { groupOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import { ownField } from '../../core/own-field.ts';

/** What the network view draws between objects. */
export type NodeNetwork = {
  /** Labels of the pods that traffic goes to. */
  readonly targetLabels?: Readonly<Record<string, string>>;
  readonly targetRefs?: readonly ResourceKey[];
  /** Own labels of pods, which `targetLabels` are matched with. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly ingress?: readonly LoadBalancerAddress[];
  readonly externalURLs?: readonly string[];
};

const LoadBalancerAddress = z.object({ hostname: z.string().optional(), ip: z.string().optional() });
type LoadBalancerAddress = z.infer<typeof LoadBalancerAddress>;

const Status = z
  .object({ loadBalancer: z.object({ ingress: z.array(LoadBalancerAddress).optional() }).optional() })
  .optional();

const Service = z.object({
  spec: z.object({ selector: z.record(z.string(), z.string()).optional() }).optional(),
  status: Status,
});

const Backend = z.object({ service: z.object({ name: z.string() }).optional() });
const Rule = z.object({
  host: z.string().optional(),
  http: z.object({ paths: z.array(z.object({ path: z.string().optional(), backend: Backend })) }).optional(),
});
type Rule = z.infer<typeof Rule>;
const Ingress = z.object({
  spec: z.object({
    defaultBackend: Backend.optional(),
    rules: z.array(Rule).optional(),
    tls: z
      .array(z.object({ hosts: z.array(z.string()).optional(), secretName: z.string().optional() }))
      .optional(),
  }),
  status: Status,
});
type Ingress = z.infer<typeof Ingress>;

const linkPrefix = 'link.argocd.argoproj.io/';
const ignoreDefaultLinks = 'argocd.argoproj.io/ignore-default-links';

const rules: Readonly<Record<string, (object: Manifest) => NodeNetwork>> = {
  '/Pod': (pod) => ({ labels: pod.metadata.labels ?? {} }),
  '/Service': serviceNetwork,
  'networking.k8s.io/Ingress': ingressNetwork,
};

/**
 * How an object takes part in the network; undefined for objects that don't and have no links. Annotations of these names
 * are hidden, as they are wherever the object is shown.
 */
export function nodeNetwork(object: Manifest, masked: readonly string[] = []): NodeNetwork | undefined {
  const network = rules[`${groupOf(object.apiVersion)}/${object.kind}`]?.(object);
  const links = linksOf(object, masked);
  const urls = [...new Set([...links, ...(network?.externalURLs ?? [])])].sort();
  if (urls.length === 0) return network;
  return { ...network, externalURLs: urls };
}

/** The links of an object's annotations; one that would be hidden in its manifest is none. */
function linksOf(object: Manifest, masked: readonly string[]): string[] {
  const links = Object.entries(object.metadata.annotations ?? {}).filter(([name]) =>
    name.startsWith(linkPrefix),
  );
  if (links.length === 0) return [];
  const shown = maskManifest(object, masked).metadata.annotations ?? {};
  return links.filter(([name, link]) => ownField(shown, name) === link).map(([, link]) => link);
}

function serviceNetwork(object: Manifest): NodeNetwork {
  const service = Service.safeParse(object).data;
  const selector = service?.spec?.selector;
  return {
    ...(selector === undefined ? {} : { targetLabels: selector }),
    ...addresses(service?.status),
  };
}

function ingressNetwork(object: Manifest): NodeNetwork {
  const ingress = Ingress.safeParse(object).data;
  if (ingress === undefined) return {};
  const backends = (ingress.spec.rules ?? []).flatMap((rule) => rule.http?.paths ?? []);
  const names = [ingress.spec.defaultBackend, ...backends.map(({ backend }) => backend)].flatMap(
    (backend) => backend?.service?.name ?? [],
  );
  const namespace = object.metadata.namespace ?? '';
  const ignored = object.metadata.annotations?.[ignoreDefaultLinks] === 'true';
  return {
    targetRefs: [...new Set(names)].map((name) => ({ group: '', kind: 'Service', namespace, name })),
    ...addresses(ingress.status),
    ...(ignored
      ? {}
      : { externalURLs: (ingress.spec.rules ?? []).flatMap((rule) => ruleUrls(ingress, rule)) }),
  };
}

function addresses(status: z.infer<typeof Status>): Pick<NodeNetwork, 'ingress'> {
  const ingress = status?.loadBalancer?.ingress;
  return ingress === undefined ? {} : { ingress };
}

/** Rules without a host answer at the load balancer's own address. */
function ruleUrls(ingress: Ingress, rule: Rule): string[] {
  const [balancer] = ingress.status?.loadBalancer?.ingress ?? [];
  const host = rule.host || balancer?.hostname || balancer?.ip;
  if (!host) return [];
  const scheme = isSecure(ingress, host) ? 'https' : 'http';
  const paths = (rule.http?.paths ?? []).map(({ path = '' }) => path.replace(/\*$/, ''));
  return (paths.length === 0 ? [''] : paths).map((path) => `${scheme}://${host}${path}`);
}

function isSecure(ingress: Ingress, host: string): boolean {
  return (ingress.spec.tls ?? []).some(({ hosts, secretName }) => hosts?.includes(host) || secretName);
}
