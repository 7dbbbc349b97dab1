import { z } from 'zod';
import { ownField } from '../../own-field.ts';
import type { ResourceOverride } from '../settings.ts';
import type { Report } from '../words/problem.ts';
import { listOf, readAs, readBoolean, readYamlAs } from '../words/read-value.ts';
import { readCustomActions } from './custom-actions.ts';
import { readIgnoreRules } from './ignore-rules.ts';
import {
  compareOverrideKeys,
  formatOverrideKey,
  type OverrideKey,
  readMapKey,
  readSplitKey,
} from './override-key.ts';

const mapKey = 'resource.customizations';
const splitPrefix = `${mapKey}.`;

/** Takes what is wrong with a key of the ConfigMap. */
export type KeyReport = (key: string, message: string, weight?: 'unused') => void;

type Part = Omit<ResourceOverride, 'group' | 'kind'>;
type Reader = (value: unknown, report: Report) => Part | undefined;

/** What the fields of the map form mean. */
const fields: Readonly<Record<string, Reader>> = {
  'health.lua': (value, report) => ifRead(readScript(value, report), (healthLua) => ({ healthLua })),
  'health.lua.useOpenLibs': (value, report) =>
    ifRead(readSwitch(value, report), (useOpenLibs) => ({ useOpenLibs })),
  actions: (value, report) => ifRead(readCustomActions(value, report), (actions) => ({ actions })),
  ignoreDifferences: (value, report) =>
    ifRead(readIgnoreRules(value, report), (ignoreDifferences) => ({ ignoreDifferences })),
  ignoreResourceUpdates: (value, report) =>
    ifRead(readIgnoreRules(value, report), (ignoreResourceUpdates) => ({ ignoreResourceUpdates })),
  knownTypeFields: (value, report) =>
    ifRead(readKnownTypeFields(value, report), (knownTypeFields) => ({ knownTypeFields })),
};

/** The fields by the type word of a split key. */
const fieldOfType: Readonly<Record<string, string>> = {
  health: 'health.lua',
  useOpenLibs: 'health.lua.useOpenLibs',
  actions: 'actions',
  ignoreDifferences: 'ignoreDifferences',
  ignoreResourceUpdates: 'ignoreResourceUpdates',
  knownTypeFields: 'knownTypeFields',
};

/** All overrides of `argocd-cm`, exact kinds first; fields of split keys win over those of the map. */
export function readResourceOverrides(
  words: Readonly<Record<string, string>>,
  report: KeyReport,
): readonly ResourceOverride[] {
  const found = new Map<string, ResourceOverride>();
  const add = (key: OverrideKey, part: Part): void => {
    const name = formatOverrideKey(key);
    found.set(name, { ...(found.get(name) ?? key), ...part });
  };
  readMap(words[mapKey] ?? '', report, add);
  for (const [key, value] of Object.entries(words).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (isSplitKey(key)) readSplit(key, value, report, add);
  }
  return [...found.values()].sort(compareOverrideKeys);
}

/** Whether a key is one of the split form, or tries to be. */
export function isSplitKey(key: string): boolean {
  return key.startsWith(splitPrefix);
}

type Add = (key: OverrideKey, part: Part) => void;

const Entries = z
  .record(z.string(), z.record(z.string(), z.unknown()).nullish())
  .nullish()
  .transform((entries) => entries ?? {});

function readMap(text: string, report: KeyReport, add: Add): void {
  const say = (place: string) => (message: string, inner?: string, weight?: 'unused') => {
    const where = [place, inner].filter(Boolean).join(': ');
    report(mapKey, where === '' ? message : `${where} ${message}`, weight);
  };
  const entries = readYamlAs(Entries, text, say(''));
  for (const [name, entry] of Object.entries(entries ?? {})) {
    const key = readMapKey(name, say(''));
    if (key === undefined) continue;
    for (const [field, value] of Object.entries(entry ?? {})) {
      const tell = say(`${name}: ${field}`);
      const part = readField(field, value, tell);
      if (part !== undefined) add(key, part);
    }
  }
}

function readField(field: string, value: unknown, report: Report): Part | undefined {
  const read = ownField(fields, field);
  if (read !== undefined) return read(value, report);
  report(`is not known here; write one of ${Object.keys(fields).join(', ')}`);
  return undefined;
}

function readSplit(key: string, value: string, report: KeyReport, add: Add): void {
  const say: Report = (message, place, weight) =>
    report(key, place ? `${place} ${message}` : message, weight);
  const [type = '', ...rest] = key.slice(splitPrefix.length).split('.');
  const field = ownField(fieldOfType, type);
  if (field === undefined) {
    say(`has an unknown type "${type}"; write one of ${Object.keys(fieldOfType).join(', ')}`);
    return;
  }
  const target = readSplitKey(rest.join('.'), say);
  const part = ownField(fields, field)?.(value, say);
  if (target !== undefined && part !== undefined) add(target, part);
}

function readScript(value: unknown, report: Report): string | undefined {
  return readAs(z.string().min(1, 'is empty'), value, report);
}

function readSwitch(value: unknown, report: Report): boolean | undefined {
  return typeof value === 'boolean' ? value : readBoolean(String(value), report);
}

const KnownTypeFields = listOf(z.strictObject({ field: z.string().min(1), type: z.string().min(1) }));

function readKnownTypeFields(value: unknown, report: Report) {
  return typeof value === 'string'
    ? readYamlAs(KnownTypeFields, value, report)
    : readAs(KnownTypeFields, value, report);
}

function ifRead<Value>(value: Value | undefined, make: (value: Value) => Part): Part | undefined {
  return value === undefined ? undefined : make(value);
}
