import fc from 'fast-check';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';

/** Who wrote an object before its first sync, and how. */
export const formerWriters = [
  'nobody',
  'kubectl-apply',
  'kubectl-create',
  'reference-apply',
  'keelson',
] as const;
export type FormerWriter = (typeof formerWriters)[number];

/** A field that a sync has to leave as it is live, by the pointer that selects it in either state. */
export type IgnoredField = string;

/** One sync of a random object: what was there, what others did to it, and what Git has now. */
export type RandomApply = {
  readonly writer: FormerWriter;
  readonly before: Manifest;
  /** A merge by somebody who is no former manager. */
  readonly edit: Readonly<Record<string, unknown>> | undefined;
  readonly desired: Manifest;
  readonly ignored: readonly IgnoredField[];
};

/** A group of custom resources whose lists and maps are of every type that a schema can give them. */
export const gadgetGroup = 'oracle.keelson.test';

const text = { type: 'string' } as const;
const integer = { type: 'integer' } as const;
const objectOf = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });

/** The definition of the kind Gadget. */
export const gadgetDefinition: Manifest = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `gadgets.${gadgetGroup}` },
  spec: {
    group: gadgetGroup,
    scope: 'Namespaced',
    names: { kind: 'Gadget', plural: 'gadgets', singular: 'gadget', listKind: 'GadgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: objectOf({
            spec: objectOf({
              size: integer,
              mode: { ...text, default: 'auto' },
              free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
              tags: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
              parts: {
                type: 'array',
                'x-kubernetes-list-type': 'map',
                'x-kubernetes-list-map-keys': ['zone', 'slot'],
                items: objectOf(
                  { zone: text, slot: { ...integer, default: 0 }, value: text, weight: integer },
                  { required: ['zone'] },
                ),
              },
              routes: {
                type: 'array',
                'x-kubernetes-list-type': 'atomic',
                items: objectOf({ destination: objectOf({ host: text }), weight: integer }),
              },
              limits: { type: 'object', additionalProperties: text },
              selector: {
                type: 'object',
                additionalProperties: text,
                'x-kubernetes-map-type': 'atomic',
              },
              nested: objectOf({ a: text, b: objectOf({ c: integer, d: { ...text, default: 'none' } }) }),
            }),
          }),
        },
      },
    ],
  },
};

const word = fc.constantFrom('a', 'b', 'c');
const number = fc.constantFrom(0, 1, 4294967296);
const small = fc.constantFrom(0, 1, 2);
const texts = fc.dictionary(word, word, { maxKeys: 3, noNullPrototype: true });
const few = <T>(element: fc.Arbitrary<T>, key: (one: T) => unknown): fc.Arbitrary<T[]> =>
  fc.uniqueArray(element, { selector: key, minLength: 1, maxLength: 3 });

const gadget = fc.record(
  {
    size: number,
    mode: word,
    free: fc.constantFrom<unknown>({ x: 1 }, { x: [1, 2] }, { y: { z: '1' } }),
    tags: few(word, (one) => one),
    parts: few(
      fc.record({ zone: word, slot: small, value: word, weight: small }, { requiredKeys: ['zone'] }),
      (one) => `${one.zone}/${one.slot ?? 0}`,
    ),
    routes: few(
      fc.record({ destination: fc.record({ host: word }), weight: fc.constantFrom(10, 20, 30) }),
      (one) => one.destination.host,
    ),
    limits: texts,
    selector: texts,
    nested: fc.record(
      { a: word, b: fc.record({ c: small, d: word }, { requiredKeys: [] }) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

const container = fc.record(
  {
    name: word,
    image: fc.constantFrom('a:1', 'b:2'),
    args: fc.array(word, { maxLength: 2 }),
    env: few(fc.record({ name: word, value: fc.constantFrom('1', '2', '') }), (one) => one.name),
    ports: few(
      fc.record({ containerPort: fc.constantFrom(80, 443), name: word }, { requiredKeys: ['containerPort'] }),
      (one) => one.containerPort,
    ).filter((ports) => new Set(ports.map((one) => one.name ?? one.containerPort)).size === ports.length),
    resources: fc.constantFrom({}, { limits: { cpu: '1000m' } }, { limits: { memory: '1Gi' } }),
  },
  { requiredKeys: ['name', 'image'] },
);
const deployment = fc.record(
  {
    replicas: small,
    minReadySeconds: small,
    strategy: fc.constantFrom<unknown>(
      { type: 'Recreate' },
      { type: 'RollingUpdate' },
      { rollingUpdate: { maxSurge: 2 } },
    ),
    template: fc.record({
      metadata: fc.constant({ labels: { app: 'x' } }),
      spec: fc.record(
        {
          containers: few(container, (one) => one.name),
          nodeSelector: texts,
          volumes: few(
            fc.record({
              name: word,
              source: fc.constantFrom({ emptyDir: {} }, { configMap: { name: 'c' } }),
            }),
            (one) => one.name,
          ).map((volumes) => volumes.map(({ name, source }) => ({ name, ...source }))),
        },
        { requiredKeys: ['containers'] },
      ),
    }),
  },
  { requiredKeys: ['template'] },
);
const service = fc.record(
  {
    selector: texts,
    ports: few(
      fc.record({ name: word, port: fc.constantFrom(80, 443, 8080), targetPort: fc.constantFrom('web', 81) }),
      (one) => one.name,
    ).filter((ports) => new Set(ports.map((one) => one.port)).size === ports.length),
    sessionAffinity: fc.constantFrom('None', 'ClientIP'),
  },
  { requiredKeys: ['ports'] },
);
const claim = fc.record(
  {
    accessModes: fc.constant(['ReadWriteOnce']),
    resources: fc.constant({ requests: { storage: '1Gi' } }),
    volumeName: fc.constant('pv-1'),
  },
  { requiredKeys: ['accessModes', 'resources'] },
);

type Content = Readonly<Record<string, unknown>>;
type Kind = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly content: fc.Arbitrary<Content>;
  /** What others change, beside labels. */
  readonly edits: fc.Arbitrary<Content>;
  readonly ignorable: readonly string[];
};
const spec = (inner: fc.Arbitrary<unknown>): fc.Arbitrary<Content> => inner.map((value) => ({ spec: value }));

const kinds: readonly Kind[] = [
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    content: texts.map((data) => ({ data: { base: '1', ...data } })),
    edits: fc.constantFrom<Content>({ data: { theirs: '1' } }),
    ignorable: ['/data/a', '/data/b'],
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    content: spec(deployment.map((value) => ({ selector: { matchLabels: { app: 'x' } }, ...value }))),
    edits: fc.constantFrom<Content>({ spec: { revisionHistoryLimit: 5 } }, { spec: { paused: true } }),
    ignorable: ['/spec/replicas', '/spec/minReadySeconds', '/spec/template/spec/nodeSelector'],
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    content: spec(service),
    edits: fc.constantFrom<Content>({ spec: { publishNotReadyAddresses: true } }),
    ignorable: ['/metadata/labels/a', '/spec/selector'],
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    content: spec(claim),
    edits: fc.constantFrom<Content>({ metadata: { annotations: { theirs: '1' } } }),
    ignorable: ['/metadata/labels/a'],
  },
  {
    apiVersion: `${gadgetGroup}/v1`,
    kind: 'Gadget',
    content: spec(gadget),
    edits: fc.constantFrom<Content>({ spec: { limits: { theirs: '1' } } }, { spec: { free: { theirs: 1 } } }),
    ignorable: ['/spec/size', '/spec/limits/a', '/spec/nested/a', '/spec/routes', '/spec/parts'],
  },
];

const labelled = fc.constant<Content>({ metadata: { labels: { theirs: '1' } } });

/** A random sync; the name tells its objects apart. */
export const randomApply: fc.Arbitrary<(name: string) => RandomApply> = fc
  .tuple(fc.constantFrom(...kinds), fc.constantFrom(...formerWriters))
  .chain(([kind, writer]) => {
    const meta = fc.record({ labels: texts, annotations: texts });
    return fc.record({
      writer: fc.constant(writer),
      kind: fc.constant(kind),
      before: fc.tuple(kind.content, meta),
      desired: fc.tuple(kind.content, meta),
      // A merge on the client takes whole maps, others' fields included, which server-side apply never does.
      edit: fc.option(writer === 'kubectl-apply' ? labelled : fc.oneof(labelled, kind.edits), {
        nil: undefined,
      }),
      ignored: fc.oneof(fc.constant([]), fc.subarray([...kind.ignorable])),
    });
  })
  .map(({ kind, before, desired, ...rest }) => (name: string): RandomApply => {
    const manifest = ([content, { labels, annotations }]: [
      Content,
      { labels: Content; annotations: Content },
    ]) =>
      ({
        apiVersion: kind.apiVersion,
        kind: kind.kind,
        // A label that stays, since kubectl takes others' labels along with the last of its own.
        metadata: { name, labels: { base: '1', ...labels }, annotations: { base: '1', ...annotations } },
        ...content,
      }) as Manifest;
    return { ...rest, before: manifest(before), desired: manifest(desired) };
  });
