import { KeelsonError } from '../core/errors.ts';

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
  return text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

const name = '[A-Za-z0-9]([A-Za-z0-9_./-]*[A-Za-z0-9])?';
const existence = new RegExp(`^(!?)\\s*(${name})$`);
const equality = new RegExp(`^(${name})\\s*(==|=|!=)\\s*(\\S*)$`);
const membership = new RegExp(`^(${name})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);

function parseRequirement(text: string): Requirement {
  const exists = existence.exec(text);
  if (exists) {
    const [, not, key = ''] = exists;
    return (labels) => Object.hasOwn(labels, key) === (not === '');
  }
  const equal = equality.exec(text);
  if (equal) {
    const [, key = '', , operator, value] = equal;
    return (labels) => (labels[key] === value) === (operator !== '!=');
  }
  const member = membership.exec(text);
  if (member) {
    const [, key = '', , operator, list = ''] = member;
    const values = new Set(list.split(',').map((value) => value.trim()));
    return (labels) => {
      const value = labels[key];
      return (value !== undefined && values.has(value)) === (operator === 'in');
    };
  }
  throw new KeelsonError(
    'invalid-argument',
    `selector requirement "${text}" can't be read; write key=value, key!=value, key in (a,b), key notin (a,b), key or !key`,
  );
}
