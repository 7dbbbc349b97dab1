import { KeelsonError } from '../../core/errors.ts';
import { sameJson } from '../../core/object/json/canonical.ts';
import type {
  DestinationServiceAccount,
  ProjectDestination,
  ProjectSpec,
} from '../../core/project/project.ts';
import { repositoryKey } from '../../core/repository/address.ts';
import { type Edited, type EditFlag, type EditInput, type ProjectEdit, textFlag } from './edit.ts';
import { checkKeyId } from './key-id.ts';

/** A list of a project that is added to and removed from, one entry at a time. */
type EditedList<Item> = {
  /** What an entry is, in the commands' names and in messages. */
  readonly noun: string;
  readonly words: readonly string[];
  readonly flags?: { readonly add?: readonly EditFlag[]; readonly remove?: readonly EditFlag[] };
  read(spec: ProjectSpec): readonly Item[];
  write(spec: ProjectSpec, list: Item[]): ProjectSpec;
  /** The entry that was given; throws where it is none. */
  make(input: EditInput): Item;
  /** Whether an entry stands for the wanted one already, and whether it is the one to remove. */
  covers(known: Item, wanted: Item): boolean;
  is(known: Item, wanted: Item): boolean;
  show(item: Item): string;
  /** Words for an entry that is there, or isn't, after which nothing is written; without them that is an error. */
  readonly says?: {
    readonly present: (known: Item) => string;
    readonly absent: (wanted: Item) => string;
  };
};

/** The two commands of a list. */
function editsOf<Item>(list: EditedList<Item>): ProjectEdit[] {
  const { noun, words, flags, says } = list;
  const what = noun.replaceAll('-', ' ');
  return [
    {
      name: `add-${noun}`,
      description: `add a ${what} to a project`,
      words,
      flags: flags?.add ?? [],
      edit(spec, input): Edited {
        const wanted = list.make(input);
        const known = list.read(spec).find((one) => list.covers(one, wanted));
        if (known === undefined) return { spec: list.write(spec, [...list.read(spec), wanted]) };
        if (says !== undefined) return { stays: says.present(known) };
        throw new KeelsonError(
          'invalid-argument',
          `${what} ${list.show(known)} is already defined in project ${input.project}`,
        );
      },
    },
    {
      name: `remove-${noun}`,
      description: `remove a ${what} from a project`,
      words,
      flags: flags?.remove ?? [],
      edit(spec, input): Edited {
        const wanted = list.make(input);
        const at = list.read(spec).findIndex((one) => list.is(one, wanted));
        if (at !== -1) return { spec: list.write(spec, list.read(spec).toSpliced(at, 1)) };
        if (says !== undefined) return { stays: says.absent(wanted) };
        throw new KeelsonError(
          'invalid-argument',
          `${what} ${list.show(wanted)} does not exist in project ${input.project}; see keelson proj get ${input.project}`,
        );
      },
    },
  ];
}

const named: EditFlag = {
  name: '--name',
  description: 'name of a cluster instead of its server',
  kind: 'switch',
};

const sources: EditedList<string> = {
  noun: 'source',
  words: ['URL'],
  read: ({ sourceRepos = [] }) => sourceRepos,
  write: (spec, sourceRepos) => ({ ...spec, sourceRepos }),
  make: ({ words: [url = ''] }) => url,
  covers: (known, wanted) => known === wanted || sameAddress(known, wanted),
  is: (known, wanted) => known === wanted,
  show: (url) => url,
  says: {
    present: (url) => `Source repository '${url}' already allowed in project`,
    absent: (url) => `Source repository '${url}' does not exist in project`,
  },
};

/** Two spellings of one repository; patterns and denials are what they are. */
function sameAddress(one: string, other: string): boolean {
  const isPlain = (text: string): boolean => !/[!*?[\]{}]/.test(text);
  return isPlain(one) && isPlain(other) && repositoryKey(one) === repositoryKey(other);
}

const sourceNamespaces: EditedList<string> = {
  noun: 'source-namespace',
  words: ['NAMESPACE'],
  read: ({ sourceNamespaces: list = [] }) => list,
  write: (spec, list) => ({ ...spec, sourceNamespaces: list }),
  make: ({ words: [namespace = ''] }) => namespace,
  covers: (known, wanted) => known === '*' || known === wanted,
  is: (known, wanted) => known === wanted,
  show: (namespace) => namespace,
  says: {
    present: (known) => `Source namespace '${known}' already allowed in project`,
    absent: (wanted) => `Source namespace '${wanted}' does not exist in project or cannot be removed`,
  },
};

const destinations: EditedList<ProjectDestination> = {
  noun: 'destination',
  words: ['SERVER', 'NAMESPACE'],
  flags: { add: [named], remove: [named] },
  read: ({ destinations: list = [] }) => list,
  write: (spec, list) => ({ ...spec, destinations: list }),
  make: ({ words: [cluster = '', namespace = ''], flags }) =>
    flags['name'] === true ? { name: cluster, namespace } : { server: cluster, namespace },
  covers: isSameDestination,
  is: isSameDestination,
  show: ({ server, name = '', namespace = '' }) => `${server ?? name},${namespace}`,
};

function isSameDestination(known: ProjectDestination, wanted: ProjectDestination): boolean {
  const isCluster = wanted.server === undefined ? known.name === wanted.name : known.server === wanted.server;
  return isCluster && (known.namespace ?? '') === wanted.namespace;
}

const serviceAccounts: EditedList<DestinationServiceAccount> = {
  noun: 'destination-service-account',
  words: ['SERVER', 'NAMESPACE', 'SERVICE_ACCOUNT'],
  flags: {
    add: [
      {
        name: '--service-account-namespace',
        description: 'namespace of the account where it is another one',
        kind: 'text',
      },
    ],
  },
  read: ({ destinationServiceAccounts: list = [] }) => list,
  write: (spec, list) => ({ ...spec, destinationServiceAccounts: list }),
  make(input) {
    const [server = '', namespace = '', account = ''] = input.words;
    const own = textFlag(input, 'service-account-namespace');
    return { server, namespace, defaultServiceAccount: own === '' ? account : `${own}:${account}` };
  },
  covers: sameJson,
  is: sameJson,
  show: ({ server, namespace = '', defaultServiceAccount }) =>
    `${server},${namespace},${defaultServiceAccount}`,
};

type OrphanedKey = NonNullable<NonNullable<ProjectSpec['orphanedResources']>['ignore']>[number];

const ignoreName: EditFlag = { name: '--name', description: 'pattern of names', kind: 'text' };

const orphanedIgnores: EditedList<OrphanedKey> = {
  noun: 'orphaned-ignore',
  words: ['GROUP', 'KIND'],
  flags: { add: [ignoreName], remove: [ignoreName] },
  read: ({ orphanedResources }) => orphanedResources?.ignore ?? [],
  write: (spec, ignore) => ({ ...spec, orphanedResources: { ...spec.orphanedResources, ignore } }),
  make(input) {
    const [group = '', kind = ''] = input.words;
    const name = textFlag(input, 'name');
    return { group, kind, ...(name === '' ? {} : { name }) };
  },
  covers: isSameKey,
  is: isSameKey,
  show: ({ group = '', kind = '', name = '' }) => `${group}/${kind}${name === '' ? '' : ` ${name}`}`,
};

function isSameKey(known: OrphanedKey, wanted: OrphanedKey): boolean {
  return (['group', 'kind', 'name'] as const).every(
    (field) => (known[field] ?? '') === (wanted[field] ?? ''),
  );
}

const signatureKeys: EditedList<{ readonly keyID: string }> = {
  noun: 'signature-key',
  words: ['KEY-ID'],
  read: ({ signatureKeys: list = [] }) => list,
  write: (spec, list) => ({ ...spec, signatureKeys: list.map(({ keyID }) => ({ keyID })) }),
  make: ({ words: [id = ''] }) => ({ keyID: checkKeyId(id) }),
  covers: (known, wanted) => known.keyID.toUpperCase() === wanted.keyID.toUpperCase(),
  is: (known, wanted) => known.keyID.toUpperCase() === wanted.keyID.toUpperCase(),
  show: ({ keyID }) => keyID,
};

/** `add-` and `remove-` of each list. */
export const listEdits: readonly ProjectEdit[] = [
  ...editsOf(sources),
  ...editsOf(sourceNamespaces),
  ...editsOf(destinations),
  ...editsOf(serviceAccounts),
  ...editsOf(orphanedIgnores),
  ...editsOf(signatureKeys),
];
