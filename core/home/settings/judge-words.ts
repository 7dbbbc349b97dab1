import { ownField, setField } from '../../own-field.ts';
import type { SettingMapName, SettingsProblem, SettingsWords } from '../../settings/words/problem.ts';
import { readSettings } from '../../settings/words/read-settings.ts';
import type { Notice } from './notice.ts';
import { type ManagedKind, ownershipChanges } from './ownership-change.ts';

type Data = Readonly<Record<string, string>>;

/** What a ConfigMap of the home cluster says, beside what is in force. */
export type WantedWords = {
  readonly name: SettingMapName;
  /** Undefined where the object is gone. */
  readonly wanted: Data | undefined;
  readonly current: SettingsWords;
  readonly managed: readonly ManagedKind[];
  /** Whether somebody accepts what the ConfigMap says: keys that can't be read are left out then. */
  readonly accepted: boolean;
};

/** The words that are to be in force, and why they are others than the ConfigMap's. */
export type WordsVerdict = { readonly words: SettingsWords; readonly notices: readonly Notice[] };

/** Maps whose keys mean something together only: one that can't be read leaves the whole as it was. */
const readAsOne: ReadonlySet<SettingMapName> = new Set(['argocd-rbac-cm']);

/**
 * Decides which words of a ConfigMap come into force. A key that can't be read, and keys that would take managed objects
 * from their applications, keep the text that they had before; the other keys count at once.
 */
export function judgeWords(asked: WantedWords): WordsVerdict {
  const { name, wanted, current, accepted } = asked;
  const before = current[name] ?? {};
  if (wanted === undefined && !accepted) {
    const message = `is gone; what it said last stays in force`;
    return { words: current, notices: [{ type: 'Deleted', message }] };
  }
  const readable = keepReadable(asked, wanted ?? {}, before);
  const { data, notices } = accepted ? readable : holdBack(asked, readable, before);
  return { words: { ...current, [name]: data }, notices: accepted ? [] : notices };
}

type Judged = { readonly data: Data; readonly notices: readonly Notice[] };

function keepReadable({ name, current, accepted }: WantedWords, wanted: Data, before: Data): Judged {
  const faults = faultsOf(name, current, wanted);
  if (faults.length === 0) return { data: wanted, notices: [] };
  const notices = faults.map(({ key, message }): Notice => {
    return { type: 'Unreadable', message: `${key}: ${message}; what it said last stays in force` };
  });
  const keys = faults.map(({ key }) => key);
  const instead = accepted ? {} : before;
  // What is accepted of rights is bounded by the last ones that could be read whole.
  if (readAsOne.has(name)) return { data: accepted ? wanted : before, notices };
  const data = withKeys(wanted, keys, instead);
  // What was in force may have the very fault, as words that were stored in part: it is no better.
  const rest = faultsOf(name, current, data).filter(
    ({ key, weight }) => weight === 'unsafe' || !Object.hasOwn(before, key),
  );
  return { data: rest.length === 0 ? data : before, notices };
}

function faultsOf(name: SettingMapName, current: SettingsWords, data: Data): SettingsProblem[] {
  const { problems } = readSettings({ ...current, [name]: data });
  return problems.filter(({ configMap, weight }) => configMap === name && weight !== 'unused');
}

function holdBack({ name, current, managed }: WantedWords, { data, notices }: Judged, before: Data): Judged {
  const now = readSettings(current).settings;
  const then = readSettings({ ...current, [name]: data }).settings;
  const held = ownershipChanges(now, then, managed);
  return {
    data: withKeys(
      data,
      held.flatMap(({ keys }) => keys),
      before,
    ),
    notices: [
      ...notices,
      ...held.map(({ keys, message }): Notice => {
        const changed = keys.filter((key) => ownField(data, key) !== ownField(before, key));
        return { type: 'Held', message: `${changed.join(', ')}: ${message}` };
      }),
    ],
  };
}

/** The texts of these keys taken from elsewhere, where a key that isn't there is left out. */
function withKeys(data: Data, keys: readonly string[], from: Data): Data {
  const result: Record<string, string> = Object.fromEntries(
    Object.entries(data).filter(([key]) => !keys.includes(key)),
  );
  for (const key of keys) {
    const text = ownField(from, key);
    if (text !== undefined) setField(result, key, text);
  }
  return result;
}
