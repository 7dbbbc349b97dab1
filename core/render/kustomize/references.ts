import { isFields } from '../../object/manifest/check-manifest.ts';
import { listedFields, listedTexts, textsIn } from '../yaml-texts.ts';

/** A chart that a kustomization inflates. */
export type InflatedChart = {
  /** The folder of local charts, from the kustomization's. */
  readonly home: string;
  readonly name: string;
  readonly version: string;
  readonly repository: string;
};

/** What a kustomization refers to, from its folder. */
export type References = {
  /** Files, folders with kustomizations, or addresses of them. */
  readonly resources: readonly string[];
  readonly files: readonly string[];
  /** Configurations of generators and transformers: files, folders, or YAML written in place. */
  readonly configurations: readonly string[];
  readonly charts: readonly InflatedChart[];
  /** Texts of fields that aren't known: each counts if a file or folder has that name. */
  readonly maybe: readonly string[];
};

type Fields = Readonly<Record<string, unknown>>;

/** Fields that name no file whatever is in them. */
const plainFields: ReadonlySet<string> = new Set([
  'apiVersion',
  'kind',
  'metadata',
  'namespace',
  'namePrefix',
  'nameSuffix',
  'commonLabels',
  'commonAnnotations',
  'labels',
  'images',
  'replicas',
  'vars',
  'buildMetadata',
  'sortOptions',
  'generatorOptions',
]);

const resourceFields = ['resources', 'bases', 'components'] as const;
const configurationFields = ['generators', 'transformers', 'validators'] as const;
const fileFields = ['crds', 'configurations', 'patchesStrategicMerge'] as const;
const pathFields = ['patches', 'patchesJson6902', 'replacements'] as const;
const generatorFields = ['configMapGenerator', 'secretGenerator'] as const;

const knownFields: ReadonlySet<string> = new Set([
  ...plainFields,
  ...resourceFields,
  ...configurationFields,
  ...fileFields,
  ...pathFields,
  ...generatorFields,
  'openapi',
  'helmCharts',
  'helmGlobals',
  'helmChartInflationGenerator',
]);

/** Reads what a kustomization refers to out of its fields. */
export function referencesOf(content: Fields): References {
  const globals = isFields(content['helmGlobals']) ? content['helmGlobals'] : {};
  const home = text(globals['chartHome']) || 'charts';
  const charts = [
    ...listedFields(content['helmCharts']),
    ...listedFields(content['helmChartInflationGenerator']),
  ];
  const unknown = Object.entries(content).filter(([field]) => !knownFields.has(field));
  return {
    resources: resourceFields.flatMap((field) => listedTexts(content[field])),
    configurations: configurationFields.flatMap((field) => listedTexts(content[field])),
    files: [
      ...fileFields.flatMap((field) => listedTexts(content[field])),
      ...pathFields.flatMap((field) => listedFields(content[field]).map(({ path }) => text(path))),
      ...generatorFields.flatMap((field) => listedFields(content[field]).flatMap(generatorFiles)),
      ...charts.flatMap(chartValueFiles),
      ...(isFields(content['openapi']) ? [text(content['openapi']['path'])] : []),
    ].filter((path) => path !== '' && !path.includes('\n')),
    charts: charts.map((chart) => chartOf(chart, home)),
    maybe: unknown.flatMap(([, value]) => [...textsIn(value)]).filter(isName),
  };
}

/** What the configuration of a generator or transformer may refer to. */
export function configurationReferences(document: unknown): Pick<References, 'charts' | 'maybe'> {
  const inflates = isFields(document) && document['kind'] === 'HelmChartInflationGenerator';
  const maybe = [...textsIn(document)].flatMap((one) => [one, afterKey(one)]).filter(isName);
  return { maybe, charts: inflates ? [chartOf(document, 'charts')] : [] };
}

function generatorFiles(generator: Fields): string[] {
  return [
    ...listedTexts(generator['files']).map(afterKey),
    ...listedTexts(generator['envs']),
    text(generator['env']),
  ];
}

function chartValueFiles(chart: Fields): string[] {
  return [text(chart['valuesFile']), text(chart['values']), ...listedTexts(chart['additionalValuesFiles'])];
}

function chartOf(chart: Fields, home: string): InflatedChart {
  return {
    home: text(chart['chartHome']) || home,
    name: text(chart['name']) || text(chart['chartName']),
    version: text(chart['version']) || text(chart['chartVersion']),
    repository: text(chart['repo']) || text(chart['chartRepoUrl']),
  };
}

/** The path of `key=path`. */
function afterKey(entry: string): string {
  return entry.slice(entry.indexOf('=') + 1);
}

const longestName = 1000;

function isName(value: string): boolean {
  return value !== '' && value.length <= longestName && !/[\n:{}]/.test(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
