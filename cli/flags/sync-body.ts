import { KeelsonError } from '../../core/errors.ts';
import type { SelectedResource } from '../../core/sync/operation/operation.ts';
import { parseDuration } from '../../core/text/duration.ts';
import type { SyncBody } from '../../core/wire/sync.ts';
import { parseAssignment, parseInteger } from './flag-value.ts';

/** What is asked of one object: `group:kind:name`, perhaps left out instead of taken. */
export type ResourceSelector = {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly exclude: boolean;
};

/** Flags of `app sync` as the parser leaves them. */
export type SyncFlags = {
  readonly revision?: string;
  readonly revisions?: readonly string[];
  readonly sourcePositions?: readonly string[];
  readonly prune?: boolean;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly replace?: boolean;
  readonly serverSide?: boolean;
  readonly applyOutOfSyncOnly?: boolean;
  readonly strategy?: string;
  readonly info?: readonly string[];
  readonly breakGlass?: string;
  readonly retryLimit?: string;
  readonly retryBackoffDuration: string;
  readonly retryBackoffFactor: string;
  readonly retryBackoffMaxDuration: string;
};

const optionFlags = [
  ['replace', 'Replace=true'],
  ['serverSide', 'ServerSideApply=true'],
  ['applyOutOfSyncOnly', 'ApplyOutOfSyncOnly=true'],
] as const;

/** Turns flags into a sync request; an option that was not given is left to the application's own policy. */
export function syncBodyOf(flags: SyncFlags): SyncBody {
  const items = optionFlags.filter(([flag]) => flags[flag] === true).map(([, item]) => item);
  const retryLimit = parseInteger(flags.retryLimit ?? '0', '--retry-limit');
  return {
    ...(flags.revision === undefined ? {} : { revision: flags.revision }),
    ...revisionsByPosition(flags),
    ...(flags.prune === undefined ? {} : { prune: flags.prune }),
    ...(flags.dryRun === undefined ? {} : { dryRun: flags.dryRun }),
    strategy: strategyOf(flags),
    ...(flags.info === undefined ? {} : { infos: flags.info.map((text) => parseAssignment(text, '--info')) }),
    ...(retryLimit === 0 ? {} : { retryStrategy: retryOf(flags, retryLimit) }),
    ...(items.length === 0 ? {} : { syncOptions: { items } }),
    ...(flags.breakGlass === undefined ? {} : { breakGlassReason: flags.breakGlass }),
  };
}

/** `--revisions` and `--source-positions` belong together, the first to the first. */
function revisionsByPosition(flags: SyncFlags): Pick<SyncBody, 'revisions' | 'sourcePositions'> {
  const { revisions = [], sourcePositions = [], revision } = flags;
  if (revisions.length !== sourcePositions.length) {
    throw new KeelsonError(
      'invalid-argument',
      `--revisions and --source-positions differ in number (${revisions.length} and ${sourcePositions.length}); give both once for each source`,
    );
  }
  if (revisions.length === 0) return {};
  if (revision !== undefined) {
    throw new KeelsonError(
      'invalid-argument',
      '--revision is for applications with one source; use --revisions with --source-positions alone',
    );
  }
  const positions = sourcePositions.map((text) => parseInteger(text, '--source-positions'));
  return { revisions, sourcePositions: positions };
}

function strategyOf(flags: SyncFlags): NonNullable<SyncBody['strategy']> {
  const chosen = flags.strategy ?? 'hook';
  const block = flags.force === true ? { force: true } : {};
  if (chosen === 'hook') return { hook: block };
  if (chosen === 'apply') return { apply: block };
  throw new KeelsonError('invalid-argument', `--strategy "${chosen}" is unknown; use apply or hook`);
}

function retryOf(flags: SyncFlags, limit: number): NonNullable<SyncBody['retryStrategy']> {
  parseDuration(flags.retryBackoffDuration);
  parseDuration(flags.retryBackoffMaxDuration);
  return {
    limit,
    backoff: {
      duration: flags.retryBackoffDuration,
      factor: parseInteger(flags.retryBackoffFactor, '--retry-backoff-factor'),
      maxDuration: flags.retryBackoffMaxDuration,
    },
  };
}

/** Reads `[!]GROUP:KIND:[NAMESPACE/]NAME`; an empty group is the core group. */
export function parseResource(text: string): ResourceSelector {
  const exclude = text.startsWith('!');
  const [group, kind, target, ...more] = (exclude ? text.slice(1) : text).split(':');
  if (group === undefined || !kind || !target || more.length > 0) {
    throw new KeelsonError(
      'invalid-argument',
      `resource "${text}" cannot be read; write GROUP:KIND:NAME or GROUP:KIND:NAMESPACE/NAME, such as apps:Deployment:web`,
    );
  }
  const slash = target.indexOf('/');
  const namespace = slash === -1 ? undefined : target.slice(0, slash);
  return { group, kind, namespace, name: target.slice(slash + 1), exclude };
}

/** An object of the application as its status names it. */
export type KnownResource = {
  readonly group?: string | undefined;
  readonly kind?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
};

/** Chosen objects, and a hint for each selector that most likely means something else. */
export type Selection = {
  readonly resources: readonly SelectedResource[];
  readonly hints: readonly string[];
};

/**
 * The objects that selectors mean. Plain selectors are passed on as they are; with `*` or `!` they are matched
 * here against the objects that the application is known to have.
 */
export function selectResources(
  selectors: readonly ResourceSelector[],
  known: readonly KnownResource[],
): Selection {
  const hints = selectors.flatMap((selector) => hintFor(selector, known));
  const needsMatch = selectors.some((one) => one.exclude || isPattern(one));
  if (!needsMatch) return { resources: selectors.map(asSelected), hints };
  const taken = selectors.filter((one) => !one.exclude);
  const left = selectors.filter((one) => one.exclude);
  const resources = known
    .filter((one) => taken.length === 0 || taken.some((selector) => matches(selector, one)))
    .filter((one) => !left.some((selector) => matches(selector, one)))
    .map((one) => asSelected({ ...one, group: one.group ?? '', kind: one.kind ?? '', name: one.name ?? '' }));
  if (resources.length > 0) return { resources, hints };
  throw new KeelsonError(
    'invalid-argument',
    '--resource leaves no object of the application; see keelson app resources for what there is',
  );
}

function asSelected(one: KnownResource & { group: string; kind: string; name: string }): SelectedResource {
  const { group, kind, name, namespace } = one;
  return { group, kind, name, ...(namespace === undefined || namespace === '' ? {} : { namespace }) };
}

function isPattern(selector: ResourceSelector): boolean {
  return [selector.group, selector.kind, selector.namespace, selector.name].includes('*');
}

function matches(selector: ResourceSelector, resource: KnownResource): boolean {
  const fields = ['group', 'kind', 'namespace', 'name'] as const;
  return fields.every((field) => {
    const wanted = selector[field];
    return wanted === undefined || wanted === '*' || wanted === (resource[field] ?? '');
  });
}

/** `:Deployment:web` names the core group, which has no Deployment: the usual slip deserves a word. */
function hintFor(selector: ResourceSelector, known: readonly KnownResource[]): string[] {
  if (selector.group !== '' || known.some((one) => matches(selector, one))) return [];
  const other = known.find((one) => matches({ ...selector, group: '*' }, one));
  if (other === undefined) return [];
  return [
    `resource :${selector.kind}:${selector.name} is of the core group and matches nothing; did you mean ${other.group}:${selector.kind}:${selector.name}?`,
  ];
}
