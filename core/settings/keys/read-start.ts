import { ownField, setField } from '../../own-field.ts';
import { readDuration } from '../../text/duration.ts';
import { logLevels } from '../words/read-logging.ts';
import { flags, type StartForm, type StartKey, variables } from './start-keys.ts';

/** What a role was given in the reference's words: as variables of Keelson, and what of it has no effect. */
export type ReadStart = {
  /** What Keelson's own variables say comes before these. */
  readonly variables: Readonly<Record<string, string>>;
  /** Lines for the log, without any value. */
  readonly notes: readonly string[];
};

const forms: Readonly<Record<StartForm, (text: string) => string | undefined>> = {
  'as it is': (text) => text,
  seconds(text) {
    const seconds = readDuration(text);
    return seconds === undefined || seconds <= 0 ? undefined : String(seconds);
  },
  level: (text) => {
    const word = ownField({ warning: 'warn', trace: 'debug', fatal: 'error', panic: 'error' }, text) ?? text;
    return logLevels.find((one) => one === word);
  },
};

/** Reads the reference's variables and flags; flags come before variables. */
export function readStart(
  environment: Readonly<Record<string, string | undefined>>,
  given: readonly string[],
): ReadStart {
  const found: Record<string, string> = {};
  const notes: string[] = [];
  const take = (name: string, { outcome, sets, form = 'as it is' }: StartKey, text: string): void => {
    if (outcome.state !== 'mapped' || sets === undefined) {
      const comes = outcome.state === 'later' ? `comes with ${outcome.words}` : outcome.words;
      notes.push(`${name} has no effect: ${comes}`);
      return;
    }
    const value = forms[form](text.trim());
    if (value === undefined) notes.push(`${name} has no effect: its value can't be read as ${form}`);
    else setField(found, sets, value);
  };
  for (const [name, key] of Object.entries<StartKey>(variables)) {
    const text = ownField(environment, name);
    if (text !== undefined && text !== '') take(name, key, text);
  }
  for (const { name, text } of flagsIn(given)) {
    const key = ownField<StartKey>(flags, name);
    if (key === undefined) notes.push(`${name} has no effect: it is no flag that is known`);
    else take(name, key, text);
  }
  return { variables: found, notes };
}

type Flag = { readonly name: string; readonly text: string };

/** `--name value`, `--name=value`, and flags that stand alone. */
function flagsIn(given: readonly string[]): Flag[] {
  const found: Flag[] = [];
  for (let at = 0; at < given.length; at += 1) {
    const word = given[at] ?? '';
    if (!word.startsWith('--')) continue;
    const equals = word.indexOf('=');
    const name = equals === -1 ? word : word.slice(0, equals);
    const next = given[at + 1];
    const takesNext = equals === -1 && next !== undefined && !next.startsWith('--');
    found.push({ name, text: equals === -1 ? (takesNext ? next : 'true') : word.slice(equals + 1) });
    if (takesNext) at += 1;
  }
  return found;
}
