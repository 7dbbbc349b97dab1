import { z } from 'zod';
import { fieldsOfAnyName, textsOfAnyName } from './any-names.ts';

/** One `name: value` parameter of a Helm chart, passed as `--set` or `--set-string`. */
export const HelmParameter = z.looseObject({
  name: z.string(),
  value: z.string().optional(),
  forceString: z.boolean().optional(),
});
export type HelmParameter = z.infer<typeof HelmParameter>;

/** How a Helm chart is rendered. */
export const HelmSource = z.looseObject({
  releaseName: z.string().optional(),
  namespace: z.string().optional(),
  valueFiles: z.array(z.string()).optional(),
  ignoreMissingValueFiles: z.boolean().optional(),
  /** Inline values as YAML text; ignored when `valuesObject` is set. */
  values: z.string().optional(),
  valuesObject: fieldsOfAnyName.optional(),
  parameters: z.array(HelmParameter).optional(),
  fileParameters: z.array(z.looseObject({ name: z.string(), path: z.string() })).optional(),
  version: z.string().optional(),
  passCredentials: z.boolean().optional(),
  skipCrds: z.boolean().optional(),
  skipTests: z.boolean().optional(),
  skipSchemaValidation: z.boolean().optional(),
  kubeVersion: z.string().optional(),
  apiVersions: z.array(z.string()).optional(),
});
export type HelmSource = z.infer<typeof HelmSource>;

/** A patch that Kustomize applies to the objects its target selects. */
export const KustomizePatch = z.looseObject({
  path: z.string().optional(),
  patch: z.string().optional(),
  target: z
    .looseObject({
      group: z.string().optional(),
      version: z.string().optional(),
      kind: z.string().optional(),
      name: z.string().optional(),
      namespace: z.string().optional(),
      annotationSelector: z.string().optional(),
      labelSelector: z.string().optional(),
    })
    .optional(),
  options: z.record(z.string(), z.boolean()).optional(),
});
export type KustomizePatch = z.infer<typeof KustomizePatch>;

/** What is changed in a kustomization before it is built. */
export const KustomizeSource = z.looseObject({
  namePrefix: z.string().optional(),
  nameSuffix: z.string().optional(),
  namespace: z.string().optional(),
  images: z.array(z.string()).optional(),
  replicas: z
    .array(z.looseObject({ name: z.string(), count: z.union([z.number().int(), z.string()]) }))
    .optional(),
  commonLabels: z.record(z.string(), z.string()).optional(),
  forceCommonLabels: z.boolean().optional(),
  labelWithoutSelector: z.boolean().optional(),
  labelIncludeTemplates: z.boolean().optional(),
  commonAnnotations: z.record(z.string(), z.string()).optional(),
  forceCommonAnnotations: z.boolean().optional(),
  commonAnnotationsEnvsubst: z.boolean().optional(),
  patches: z.array(KustomizePatch).optional(),
  components: z.array(z.string()).optional(),
  ignoreMissingComponents: z.boolean().optional(),
  version: z.string().optional(),
  kubeVersion: z.string().optional(),
  apiVersions: z.array(z.string()).optional(),
});
export type KustomizeSource = z.infer<typeof KustomizeSource>;

const JsonnetVariable = z.looseObject({
  name: z.string(),
  value: z.string(),
  code: z.boolean().optional(),
});

/** Which files of a plain directory are read, and how Jsonnet files are evaluated. */
export const DirectorySource = z.looseObject({
  recurse: z.boolean().optional(),
  include: z.string().optional(),
  exclude: z.string().optional(),
  jsonnet: z
    .looseObject({
      extVars: z.array(JsonnetVariable).optional(),
      tlas: z.array(JsonnetVariable).optional(),
      libs: z.array(z.string()).optional(),
    })
    .optional(),
});
export type DirectorySource = z.infer<typeof DirectorySource>;

/** A config management plugin and what is passed to it. */
export const PluginSource = z.looseObject({
  name: z.string().optional(),
  env: z.array(z.looseObject({ name: z.string(), value: z.string() })).optional(),
  parameters: z
    .array(
      z.looseObject({
        name: z.string().optional(),
        string: z.string().optional(),
        map: textsOfAnyName.optional(),
        array: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});
export type PluginSource = z.infer<typeof PluginSource>;

/** Where manifests come from and how they are rendered. */
export const ApplicationSource = z.looseObject({
  repoURL: z.string(),
  /** Folder in the repository; `.` for its root. */
  path: z.string().optional(),
  targetRevision: z.string().optional(),
  chart: z.string().optional(),
  /** Name under which other sources reach this one's files as `$name/...`. */
  ref: z.string().optional(),
  name: z.string().optional(),
  tagPrefix: z.string().optional(),
  helm: HelmSource.optional(),
  kustomize: KustomizeSource.optional(),
  directory: DirectorySource.optional(),
  plugin: PluginSource.optional(),
});
export type ApplicationSource = z.infer<typeof ApplicationSource>;
