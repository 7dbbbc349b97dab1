import { KeelsonError } from '../errors.ts';
import { ownField } from '../own-field.ts';

/** What a selector demands of one label: one of some values, none of them or no label, any value, or no label. */
export type LabelRequirement = {
  readonly key: string;
  readonly operator: 'exists' | 'in' | 'missing' | 'notin';
  readonly values: readonly string[];
};

/**
 * Reads a Kubernetes label selector (`a=b,c!=d,e in (f,g),h notin (i),j,!k`); empty selects all. As in Kubernetes, `!=`
 * and `notin` also select objects without the label.
 */
export function parseLabelSelector(text: string): LabelRequirement[] {
  return splitRequirements(text).map(parseRequirement);
}

const fits: Readonly<
  Record<LabelRequirement['operator'], (value: string | undefined, values: readonly string[]) => boolean>
> = {
  exists: (value) => value !== undefined,
  missing: (value) => value === undefined,
  in: (value, values) => value !== undefined && values.includes(value),
  notin: (value, values) => value === undefined || !values.includes(value),
};

/** Whether labels are all that a selector demands. */
export function selects(
  requirements: readonly LabelRequirement[],
  labels: Readonly<Record<string, string>>,
): boolean {
  return requirements.every(({ key, operator, values }) => fits[operator](ownField(labels, key), values));
}

/** Commas inside parentheses separate values, not requirements. */
function splitRequirements(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '(') at = Math.max(at, text.indexOf(')', at));
    else if (text[at] === ',') {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)].map((part) => part.trim()).filter((part) => part !== '');
}

const existence = /^(!?)\s*([A-Za-z0-9](?:[A-Za-z0-9_./-]*[A-Za-z0-9])?)$/;
const equality = /^([A-Za-z0-9](?:[A-Za-z0-9_./-]*[A-Za-z0-9])?)\s*(==|=|!=)\s*(\S*)$/;
const membership = /^([A-Za-z0-9](?:[A-Za-z0-9_./-]*[A-Za-z0-9])?)\s+(in|notin)\s*\(([^()]*)\)$/;

function parseRequirement(text: string): LabelRequirement {
  const exists = existence.exec(text);
  if (exists) {
    const [, not, key = ''] = exists;
    return { key, operator: not === '' ? 'exists' : 'missing', values: [] };
  }
  const equal = equality.exec(text);
  if (equal) {
    const [, key = '', operator, value = ''] = equal;
    return { key, operator: operator === '!=' ? 'notin' : 'in', values: [value] };
  }
  const member = membership.exec(text);
  if (member) {
    const [, key = '', operator, list = ''] = member;
    const values = list.split(',').map((value) => value.trim());
    return { key, operator: operator === 'in' ? 'in' : 'notin', values };
  }
  throw new KeelsonError(
    'invalid-argument',
    `selector requirement "${text}" can't be read; write key=value, key!=value, key in (a,b), key notin (a,b), key or !key`,
  );
}
