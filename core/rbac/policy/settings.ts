import { z } from 'zod';
import type { Issue } from '../../issue.ts';
import { canonicalJson } from '../../object/json/canonical.ts';
import { ownField } from '../../own-field.ts';
import { remember } from '../../remember.ts';
import type { Report } from '../../settings/words/problem.ts';
import { readYamlAs } from '../../settings/words/read-value.ts';
import { defaultScopes } from '../subject.ts';
import type { PolicyInput } from './compile.ts';
import { readPolicy } from './lines.ts';
import { makeRules } from './rules.ts';

/** What `argocd-rbac-cm` says, with the keys that can't be read. */
export type RbacSettings = Pick<PolicyInput, 'defaultRole' | 'mode' | 'texts'> & {
  /** Undefined when they can't be read: then those before are to stay. */
  readonly scopes: readonly string[] | undefined;
  readonly issues: readonly Issue[];
};

/** Whether a key of `argocd-rbac-cm` is read. */
export function isPolicyKey(key: string): boolean {
  return isPolicyText(key) || ['policy.default', 'policy.matchMode', 'scopes'].includes(key);
}

function isPolicyText(key: string): boolean {
  return key === 'policy.csv' || /^policy\..+\.csv$/.test(key);
}

/** Reads the data of `argocd-rbac-cm`: `policy.csv` first, then all further ones by their keys. */
export function readRbacSettings(data: Readonly<Record<string, string>>): RbacSettings {
  const issues: Issue[] = [];
  const further = Object.keys(data).filter((key) => key !== 'policy.csv' && isPolicyText(key));
  const keys = ['policy.csv', ...further.sort()].filter((key) => Object.hasOwn(data, key));
  const written = data['scopes']?.trim() ?? '';
  const scopes =
    written === ''
      ? defaultScopes
      : readYamlAs(z.array(z.string()), written, (message, place) => {
          issues.push({ path: `scopes${place ?? ''}`, message });
        });
  const mode = data['policy.matchMode'] === 'regex' ? 'regex' : 'glob';
  if (!['', 'glob', mode].includes(data['policy.matchMode'] ?? '')) {
    issues.push({ path: 'policy.matchMode', message: 'is taken as glob; write glob or regex' });
  }
  return {
    texts: keys.map((name) => ({ name, text: ownField(data, name) ?? '' })),
    defaultRole: data['policy.default'] ?? '',
    mode,
    scopes,
    issues,
  };
}

/** What an installation says about rights. */
export type PolicyWords = Pick<PolicyInput, 'defaultRole' | 'mode' | 'texts'> & {
  /** The claims whose values are groups. */
  readonly scopes: readonly string[];
};

/** What is said now, and the last of it that could be read whole: the same where nothing is wrong. */
export type Policies = { readonly now: PolicyWords; readonly good: PolicyWords };

const nothing: PolicyWords = { texts: [], defaultRole: '', mode: 'glob', scopes: defaultScopes };

/** What holds where nothing is said about rights. */
export const noPolicies: Policies = { now: nothing, good: nothing };

type Fault = { readonly key: string; readonly message: string; readonly place: string };
type ReadPolicies = { readonly words: PolicyWords; readonly faults: readonly Fault[] };

/** Settings are read again and again, and thousands of lines take a while. */
const readBefore = remember<ReadPolicies>(8);

/** Reads what is said about rights; each line and key that can't be read is told, and is left out. */
export function readPolicies(
  data: Readonly<Record<string, string>>,
  good: Readonly<Record<string, string>> | undefined,
  reportOf: (key: string) => Report,
): Policies {
  const now = readWhole(data);
  for (const { key, message, place } of now.faults) reportOf(key)(message, place);
  if (now.faults.length === 0) return { now: now.words, good: now.words };
  const bound = readWhole(good ?? {}).words;
  // Claims that can't be read are those of before: others would make groups of what is none.
  const isUnread = now.faults.some(({ key }) => key === 'scopes');
  return { now: isUnread ? { ...now.words, scopes: bound.scopes } : now.words, good: bound };
}

function readWhole(data: Readonly<Record<string, string>>): ReadPolicies {
  return readBefore(canonicalJson(data), () => {
    const { issues, scopes = defaultScopes, ...words } = readRbacSettings(data);
    const faults = issues.map(({ path, message }) => {
      const [key = ''] = /^(?:scopes|policy\.matchMode)/.exec(path) ?? [];
      return { key, message, place: path.slice(key.length) };
    });
    return { words: { ...words, scopes }, faults: [...faults, ...faultsOfLines(words)] };
  });
}

function faultsOfLines({ texts, mode }: Pick<PolicyWords, 'mode' | 'texts'>): Fault[] {
  return texts.flatMap(({ name: key, text }) => {
    const { grants, issues } = readPolicy(key, text);
    return [...issues, ...makeRules(grants, mode).issues].map(({ path, message }) => ({
      key,
      message,
      place: `line ${path.slice(key.length + 1)}`,
    }));
  });
}
