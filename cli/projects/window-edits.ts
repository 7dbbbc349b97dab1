import { KeelsonError } from '../../core/errors.ts';
import type { ProjectSpec, SyncWindow } from '../../core/project/project.ts';
import { type EditFlag, type EditInput, listFlag, type ProjectEdit, textFlag } from './edit.ts';

/** What may be said of a window when it is added and later. */
const windowFlags: readonly EditFlag[] = [
  { name: '--schedule', description: 'when it begins, in cron format, such as "0 22 * * *"', kind: 'text' },
  { name: '--duration', description: 'how long it lasts, such as 1h', kind: 'text' },
  { name: '--applications', description: 'patterns of applications, by commas', kind: 'list' },
  { name: '--namespaces', description: 'patterns of namespaces, by commas', kind: 'list' },
  { name: '--clusters', description: 'patterns of clusters, by commas', kind: 'list' },
  { name: '--time-zone', description: 'time zone, such as Europe/Berlin; else UTC', kind: 'text' },
  { name: '--description', description: 'what the window is for', kind: 'text' },
];

const texts = [
  ['schedule', 'schedule'],
  ['duration', 'duration'],
  ['time-zone', 'timeZone'],
  ['description', 'description'],
] as const;
const globs = ['applications', 'namespaces', 'clusters'] as const;
const switches = [
  ['manual-sync', 'manualSync'],
  ['use-and-operator', 'andOperator'],
  ['sync-overrun', 'syncOverrun'],
] as const;

/** What was said of a window. */
function saidOf(input: EditInput): SyncWindow {
  return Object.fromEntries<unknown>([
    ...texts.flatMap(([flag, field]) =>
      textFlag(input, flag) === '' ? [] : [[field, textFlag(input, flag)] as const],
    ),
    ...globs.flatMap((field) =>
      listFlag(input, field).length === 0 ? [] : [[field, listFlag(input, field)] as const],
    ),
    ...switches.flatMap(([flag, field]) => (input.flags[flag] === true ? [[field, true] as const] : [])),
  ]);
}

/** Changes the window of an id, which is its place in the list. */
function change(
  spec: ProjectSpec,
  { project, words: [id = ''] }: EditInput,
  edit: (window: SyncWindow) => readonly SyncWindow[],
): ProjectSpec {
  const windows = spec.syncWindows ?? [];
  const at = /^\d{1,6}$/.test(id) ? Number(id) : -1;
  const window = windows[at];
  if (window === undefined) {
    throw new KeelsonError(
      'not-found',
      `window with id '${id.slice(0, 100)}' not found in project ${project}; see keelson proj windows list ${project}`,
    );
  }
  return { ...spec, syncWindows: windows.toSpliced(at, 1, ...edit(window)) };
}

/** The commands that change sync windows, below `windows`. */
export const windowEdits: readonly ProjectEdit[] = [
  {
    name: 'add',
    description: 'add a sync window',
    words: [],
    flags: [
      { name: '-k, --kind', description: 'allow or deny', kind: 'text' },
      ...windowFlags,
      { name: '--manual-sync', description: 'let manual syncs through', kind: 'switch' },
      { name: '--use-and-operator', description: 'only what fits all lists that are set', kind: 'switch' },
      { name: '--sync-overrun', description: 'let a sync that runs end after the window', kind: 'switch' },
    ],
    edit(spec, input) {
      const window = { kind: textFlag(input, 'kind'), timeZone: 'UTC', ...saidOf(input) };
      return { spec: { ...spec, syncWindows: [...(spec.syncWindows ?? []), window] } };
    },
  },
  {
    name: 'update',
    description: 'change what is given of a sync window',
    words: ['ID'],
    flags: windowFlags,
    edit(spec, input) {
      const said = saidOf(input);
      if (Object.keys(said).length === 0) {
        throw new KeelsonError(
          'precondition-failed',
          'cannot update: require one or more of schedule, duration, application, namespace, or cluster; give --schedule, --duration, --applications, --namespaces, --clusters, --time-zone or --description',
        );
      }
      return { spec: change(spec, input, (window) => [{ ...window, ...said }]) };
    },
  },
  {
    name: 'delete',
    description: 'delete a sync window; those after it get other ids',
    words: ['ID'],
    edit: (spec, input) => ({ spec: change(spec, input, () => []) }),
  },
  ...([true, false] as const).map(
    (manualSync): ProjectEdit => ({
      name: manualSync ? 'enable-manual-sync' : 'disable-manual-sync',
      description: `${manualSync ? 'let' : 'no longer let'} manual syncs through a sync window`,
      words: ['ID'],
      edit: (spec, input) => ({ spec: change(spec, input, (window) => [{ ...window, manualSync }]) }),
    }),
  ),
];
