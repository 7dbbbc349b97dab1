import { formatKey, type ResourceKey } from '../../object/key.ts';
import { someOf } from '../../text/some-of.ts';

/** Condition of an application whose name is on objects that are perhaps somebody else's. */
export const strangerWarning = 'OtherInstallationWarning';

/** What is known of a live object that an application's marks name. */
export type Marked = {
  /** Whether this installation has ever written or deleted this very object, told by its uid. */
  readonly applied: boolean;
  /** Whether the source has it. */
  readonly desired: boolean;
  /** Whether an operation was to bring the application's state before. */
  readonly attempted: boolean;
};

/** What an application is told of such an object: nothing, that a sync takes it over, or that nobody deletes it unasked. */
export type Encounter = 'own' | 'taken-over' | 'asks-first';

/**
 * Tells a stranger: an object that carries an application's name and that this installation has never applied. Marks
 * alone can't: a second installation with an application of the same name, and the reference, write the very same ones.
 */
export function encounterOf({ applied, desired, attempted }: Marked): Encounter {
  if (applied) return 'own';
  if (!desired) return 'asks-first';
  // Options can leave an object of the source unwritten for ever; that is news once only.
  return attempted ? 'own' : 'taken-over';
}

const shownKeys = 3;

/** Says of strangers whose they may be and what becomes of them. */
export function strangerWords(
  encounter: Exclude<Encounter, 'own'>,
  keys: readonly ResourceKey[],
  { name, neighbours }: { readonly name: string; readonly neighbours: readonly string[] },
): string {
  const [who, what, them] = keys.length === 1 ? ['carries', 'it', 'It is'] : ['carry', 'them', 'They are'];
  const others =
    neighbours.length === 0 ? 'another installation may have' : `${neighbours.join(' or ')} may have`;
  const fate = {
    'taken-over': `The first sync takes ${what} over`,
    'asks-first': `${them} pruned or deleted only after keelson app confirm-deletion ${name}`,
  }[encounter];
  return (
    `${namesOf(keys)} ${who} this application's name, but this installation has never applied ${what}: ${others}. ` +
    `${fate}; to keep installations apart, set installationID`
  );
}

/** Why an operation asks whether objects may go although nobody marked them so; empty where that isn't why. */
export function strangerReason(
  asking: readonly { readonly key: ResourceKey; readonly stranger?: true }[],
): string {
  const keys = asking.filter(({ stranger }) => stranger === true).map(({ key }) => key);
  if (keys.length === 0) return '';
  const what = keys.length === 1 ? 'it' : 'them';
  return `; this installation has never applied ${namesOf(keys)}, so another one may own ${what}`;
}

function namesOf(keys: readonly ResourceKey[]): string {
  return someOf(keys.map(formatKey), shownKeys);
}
