import { KeelsonError } from '../../core/errors.ts';
import { ownField } from '../../core/own-field.ts';
import type { ProjectKind, ProjectSpec } from '../../core/project/project.ts';
import type { EditFlag } from './edit.ts';
import { checkKeyId } from './key-id.ts';

/** A flag of `create` and `set` with the part of the spec that it replaces. */
type SpecFlag = {
  readonly name: string;
  readonly description: string;
  /** `each` may be given several times, `commas` holds several values as well. */
  readonly kind: 'commas' | 'each' | 'text';
  set(values: readonly string[]): ProjectSpec;
};

/** How kinds are written; those of the cluster may be narrowed to names. */
const forms = { cluster: 'GROUP/KIND or GROUP/KIND/NAME', namespaced: 'GROUP/KIND' } as const;

const specFlags: readonly SpecFlag[] = [
  {
    name: '--description',
    description: 'what the project is for',
    kind: 'text',
    set: ([description = '']) => ({ description }),
  },
  {
    name: '-d, --dest',
    description: 'cluster and namespace that is permitted, SERVER,NAMESPACE; may be repeated',
    kind: 'each',
    set: (values) => ({
      destinations: values.map((value) => {
        const [server, namespace] = partsOf(value, '--dest', 'SERVER,NAMESPACE', 2);
        return { server, namespace };
      }),
    }),
  },
  {
    name: '-s, --src',
    description: 'repository that is permitted; may be repeated',
    kind: 'each',
    set: (sourceRepos) => ({ sourceRepos: [...sourceRepos] }),
  },
  {
    name: '--signature-keys',
    description: 'ids of GnuPG keys that have to have signed, by commas',
    kind: 'commas',
    set: (values) => ({ signatureKeys: values.map((value) => ({ keyID: checkKeyId(value) })) }),
  },
  ...(
    [
      ['allow', 'cluster', 'clusterResourceWhitelist'],
      ['deny', 'cluster', 'clusterResourceBlacklist'],
      ['allow', 'namespaced', 'namespaceResourceWhitelist'],
      ['deny', 'namespaced', 'namespaceResourceBlacklist'],
    ] as const
  ).map(
    ([verb, scope, field]): SpecFlag => ({
      name: `--${verb}-${scope}-resource`,
      description: `kind of ${scope} objects to ${verb}, ${forms[scope]}; may be repeated`,
      kind: 'each',
      set: (values) => ({
        [field]: values.map((value) => kindOf(value, `--${verb}-${scope}-resource`, forms[scope])),
      }),
    }),
  ),
  {
    name: '--source-namespaces',
    description: 'namespaces in which applications may be, by commas',
    kind: 'commas',
    set: (sourceNamespaces) => ({ sourceNamespaces: [...sourceNamespaces] }),
  },
  {
    name: '--dest-service-accounts',
    description: 'account by which a destination is written, SERVER,NAMESPACE,ACCOUNT; may be repeated',
    kind: 'each',
    set: (values) => ({
      destinationServiceAccounts: values.map((value) => {
        const form = 'SERVER,NAMESPACE,ACCOUNT';
        const [server, namespace, account] = partsOf(value, '--dest-service-accounts', form, 3);
        return { server: server ?? '', namespace, defaultServiceAccount: account ?? '' };
      }),
    }),
  },
];

/** All flags of `create` and `set`, as the parser takes them. */
export const flagsOfSpec: readonly (Omit<EditFlag, 'kind'> & {
  readonly kind: SpecFlag['kind'] | 'switch';
})[] = [
  ...specFlags,
  { name: '--orphaned-resources', description: 'watch for objects of no application', kind: 'switch' },
  { name: '--orphaned-resources-warn', description: 'whether these are warned of', kind: 'switch' },
];

/** A spec with what flags say in the place of what was there; undefined where none of them was given. */
export function withFlags(
  spec: ProjectSpec,
  flags: Readonly<Record<string, unknown>>,
): ProjectSpec | undefined {
  const changes = specFlags.flatMap(({ name, set }) => {
    const value = ownField(flags, longNameOf(name));
    return value === undefined ? [] : [set([value].flat().map(String))];
  });
  const { 'orphaned-resources': watch, 'orphaned-resources-warn': warn } = flags;
  if (watch !== undefined || warn !== undefined) changes.push({ orphanedResources: orphanedOf(watch, warn) });
  return changes.length === 0 ? undefined : Object.assign({ ...spec }, ...changes);
}

/** The long name of a flag as it stands in a table, such as `-d, --dest`. */
export function longNameOf(name: string): string {
  return name.replace(/^.*--/, '');
}

function orphanedOf(watch: unknown, warn: unknown): ProjectSpec['orphanedResources'] {
  if (typeof warn === 'boolean') return { warn };
  return watch === true ? {} : undefined;
}

function partsOf(value: string, flag: string, form: string, count: number): string[] {
  const parts = value.split(',');
  if (parts.length === count) return parts;
  throw new KeelsonError('invalid-argument', `${flag} "${value}" cannot be read; write it as ${form}`);
}

function kindOf(value: string, flag: string, form: string): ProjectKind {
  const [first = '', kind, name, ...others] = value.split('/');
  if (others.length > 0 || (name !== undefined && form !== forms.cluster)) {
    throw new KeelsonError('invalid-argument', `${flag} "${value}" cannot be read; write it as ${form}`);
  }
  if (kind === undefined) return { group: '', kind: first };
  return { group: first, kind, ...(name === undefined ? {} : { name }) };
}
