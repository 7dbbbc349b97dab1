import { cmKeys, paramKeys } from './map-keys.ts';
import type { Outcome } from './outcome.ts';
import { flags, type StartKey, variables } from './start-keys.ts';

/** The tables of what becomes of the reference's keys, flags and variables, as the documents show them. */
export function formatKeys(): string {
  return [
    section('Keys of `argocd-cm`', Object.entries<Outcome>(cmKeys)),
    section('Keys of `argocd-cmd-params-cm`', Object.entries<Outcome>(paramKeys)),
    section('Variables', outcomesOf(variables)),
    section('Flags', outcomesOf(flags)),
  ].join('\n');
}

function outcomesOf(keys: Readonly<Record<string, StartKey>>): [string, Outcome][] {
  return Object.entries(keys).map(([name, { outcome }]) => [name, outcome]);
}

function section(title: string, keys: readonly (readonly [string, Outcome])[]): string {
  const rows = keys.map(
    ([name, outcome]) => `| \`${name}${name.endsWith('.') ? '*' : ''}\` | ${shown(outcome)} |`,
  );
  return [`### ${title}`, '', '| name | here |', '|---|---|', ...rows, ''].join('\n');
}

function shown({ state, words }: Outcome): string {
  if (state === 'later') return `not yet: comes with ${words}`;
  return state === 'ignored' ? `ignored: ${words}` : words;
}
