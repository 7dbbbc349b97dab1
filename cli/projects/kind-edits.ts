import type { ProjectKind, ProjectSpec } from '../../core/project/project.ts';
import { parseWord } from '../flags/flag-value.ts';
import { type Edited, type EditInput, type ProjectEdit, textFlag } from './edit.ts';

/** The lists of kinds, by scope and by what they say. */
const lists = {
  namespaced: { allowed: 'namespaceResourceWhitelist', denied: 'namespaceResourceBlacklist' },
  cluster: { allowed: 'clusterResourceWhitelist', denied: 'clusterResourceBlacklist' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, keyof ProjectSpec>>>>;

type Scope = keyof typeof lists;

/** The list that a command changes where nobody names one. */
const usual: Readonly<Record<Scope, string>> = { namespaced: 'deny', cluster: 'allow' };

/** Words for the two lists, the older ones of the reference too. */
const listWords = ['allow', 'deny', 'white', 'black'] as const;

function editOf(verb: 'allow' | 'deny', scope: Scope): ProjectEdit {
  const kinds = scope === 'cluster' ? 'cluster' : 'namespace';
  return {
    name: `${verb}-${kinds}-resource`,
    description: `${verb} a kind of ${scope === 'cluster' ? 'cluster-scoped' : 'namespaced'} objects in a project`,
    words: ['GROUP', 'KIND'],
    flags: [
      {
        name: '-l, --list',
        description: 'the list that is changed, allow or deny',
        kind: 'text',
        initial: usual[scope],
      },
    ],
    edit(spec, input) {
      const word = parseWord(textFlag(input, 'list'), listWords, '--list');
      const side = word === 'allow' || word === 'white' ? 'allowed' : 'denied';
      const adds = (verb === 'allow') === (side === 'allowed');
      return change(spec, input, { field: lists[scope][side], adds, what: `${side} ${scope} resources` });
    },
  };
}

function change(
  spec: ProjectSpec,
  { words: [group = '', kind = ''] }: EditInput,
  { field, adds, what }: { field: (typeof lists)[Scope]['allowed' | 'denied']; adds: boolean; what: string },
): Edited {
  const list: readonly ProjectKind[] = spec[field] ?? [];
  const at = list.findIndex((item) => item.group === group && item.kind === kind && (item.name ?? '') === '');
  const item = `Group '${group}' and kind '${kind}'`;
  if (adds) {
    if (at !== -1) return { stays: `${item} already present in ${what}` };
    return { spec: { ...spec, [field]: [...list, { group, kind }] }, says: `${item} is added to ${what}` };
  }
  if (at === -1) return { stays: `${item} not in ${what}` };
  return { spec: { ...spec, [field]: list.toSpliced(at, 1) }, says: `${item} is removed from ${what}` };
}

/** The commands that allow and deny kinds. */
export const kindEdits: readonly ProjectEdit[] = [
  editOf('allow', 'cluster'),
  editOf('deny', 'cluster'),
  editOf('allow', 'namespaced'),
  editOf('deny', 'namespaced'),
];
