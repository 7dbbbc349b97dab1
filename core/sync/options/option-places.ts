import { annotationList } from '../../object/annotated-list.ts';
import { syncOptionsAnnotation } from '../../object/annotations.ts';
import { formatKey, type ResourceKey } from '../../object/key.ts';
import { kindId } from '../../object/manifest/definition.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { ownField } from '../../own-field.ts';
import { nearestWord } from '../../text/nearest-word.ts';

type Known = {
  /** Where the option means something. */
  readonly place: 'application' | 'both' | 'object';
  readonly values: readonly string[];
};

const flag = ['true', 'false'];
const choice = ['true', 'false', 'confirm'];

/** Each sync option that there is. */
const known: Readonly<Record<string, Known>> = {
  ApplyOutOfSyncOnly: { place: 'application', values: flag },
  ClientSideApplyMigration: { place: 'both', values: flag },
  CreateNamespace: { place: 'application', values: flag },
  Delete: { place: 'both', values: choice },
  FailOnSharedResource: { place: 'application', values: flag },
  Force: { place: 'object', values: flag },
  Prune: { place: 'both', values: choice },
  PruneLast: { place: 'both', values: flag },
  PrunePropagationPolicy: { place: 'application', values: ['foreground', 'background', 'orphan'] },
  Replace: { place: 'both', values: flag },
  RespectIgnoreDifferences: { place: 'application', values: flag },
  ServerSideApply: { place: 'both', values: flag },
  SkipDryRunOnMissingResource: { place: 'both', values: flag },
  Validate: { place: 'both', values: flag },
};

/** Kinds that no option recreates, as all that is in them would go along. */
const neverRecreated: ReadonlySet<string> = new Set([
  '/Namespace',
  'apiextensions.k8s.io/CustomResourceDefinition',
]);

/** Whether an object of a kind may be deleted and created anew at all. */
export function isRecreatableKind(kind: Pick<ResourceKey, 'group' | 'kind'>): boolean {
  return !neverRecreated.has(kindId(kind));
}

/** Sync options of an application that have no effect there, each with what to write instead. */
export function optionWarnings(options: readonly string[]): string[] {
  return options.flatMap((option) => {
    const { place, fault } = read(option);
    if (fault !== undefined) return fault;
    if (place !== 'object') return [];
    return `sync option ${option} has no effect on an application; annotate the objects that it is for with ${syncOptionsAnnotation}: ${option}, or sync once with keelson app sync NAME --force`;
  });
}

/** The same of an object's annotation. */
export function objectOptionWarnings(manifest: Manifest, key: ResourceKey): string[] {
  return annotationList(manifest, syncOptionsAnnotation).flatMap((option) => {
    const { place, fault } = read(option);
    if (fault !== undefined) return `${formatKey(key)}: ${fault}`;
    if (place === 'application') {
      return `${formatKey(key)}: sync option ${option} has no effect on an object; put it into spec.syncPolicy.syncOptions of the application`;
    }
    if (option === 'Force=true' && !isRecreatableKind(key)) {
      return `${formatKey(key)}: sync option ${option} has no effect on a ${key.kind}, which is never recreated by a sync; remove it`;
    }
    return [];
  });
}

type Read = { readonly place?: Known['place']; readonly fault?: string };

/** Options are matched exactly, so a slip of the pen switches nothing on or off. */
function read(option: string): Read {
  const at = option.indexOf('=');
  const name = at === -1 ? option : option.slice(0, at);
  const value = at === -1 ? '' : option.slice(at + 1);
  const found = ownField(known, name);
  if (found === undefined) {
    const meant = nearestWord(name, Object.keys(known));
    const remedy = meant === undefined ? 'remove it' : `write ${meant}=${value || 'true'} if that was meant`;
    return { fault: `sync option ${option} is unknown and has no effect; ${remedy}` };
  }
  if (found.values.includes(value)) return { place: found.place };
  const values = found.values.map((one) => `${name}=${one}`).join(' or ');
  return { fault: `sync option ${option} has a value that is unknown, and no effect; write ${values}` };
}
