import { KeelsonError } from '../../core/errors.ts';
import { ownField } from '../../core/own-field.ts';

type Labels = Readonly<Record<string, string>>;
type Requirement = (labels: Labels) => boolean;

/**
 * Reads a Kubernetes label selector (`a=b,c!=d,e in (f,g),h notin (i),j,!k`) into a predicate; empty selects all.
 * As in Kubernetes, `!=` and `notin` also select objects without the label.
 */
export function parseLabelSelector(text: string): Requirement {
  const requirements = splitRequirements(text).map(parseRequirement);
  return (labels) => requirements.every((matches) => matches(labels));
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

function parseRequirement(text: string): Requirement {
  const exists = existence.exec(text);
  if (exists) {
    const [, not, key = ''] = exists;
    return (labels) => Object.hasOwn(labels, key) === (not === '');
  }
  const equal = equality.exec(text);
  if (equal) {
    const [, key = '', operator, value] = equal;
    return (labels) => (ownField(labels, key) === value) === (operator !== '!=');
  }
  const member = membership.exec(text);
  if (member) {
    const [, key = '', operator, list = ''] = member;
    const values = new Set(list.split(',').map((value) => value.trim()));
    return (labels) => {
      const value = ownField(labels, key);
      return (value !== undefined && values.has(value)) === (operator === 'in');
    };
  }
  throw new KeelsonError(
    'invalid-argument',
    `selector requirement "${text}" can't be read; write key=value, key!=value, key in (a,b), key notin (a,b), key or !key`,
  );
}
