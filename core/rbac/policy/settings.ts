import { z } from 'zod';
import type { Issue } from '../../issue.ts';
import { ownField } from '../../own-field.ts';
import { readYamlAs } from '../../settings/words/read-value.ts';
import { defaultScopes } from '../subject.ts';
import type { PolicyInput } from './compile.ts';

/** What `argocd-rbac-cm` says, with the keys that can't be read. */
export type RbacSettings = Pick<PolicyInput, 'defaultRole' | 'mode' | 'texts'> & {
  /** Undefined when they can't be read: then those before are to stay. */
  readonly scopes: readonly string[] | undefined;
  readonly issues: readonly Issue[];
};

/** Reads the data of `argocd-rbac-cm`: `policy.csv` first, then all further ones by their keys. */
export function readRbacSettings(data: Readonly<Record<string, string>>): RbacSettings {
  const issues: Issue[] = [];
  const further = Object.keys(data).filter((key) => /^policy\..+\.csv$/.test(key));
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
