import type { Issue } from '../../issue.ts';

/** A line that grants or denies. */
export type GrantLine = {
  readonly subject: string;
  readonly resource: string;
  readonly action: string;
  readonly object: string;
  readonly effect: 'allow' | 'deny';
  /** Where it stands, for people: `policy.csv:12`. */
  readonly place: string;
};

/** A line that gives a subject what a role has. */
export type GroupLine = { readonly member: string; readonly role: string };

/** The lines of a policy; those that can't be read are left out one by one, each named among the issues. */
export type PolicyLines = {
  readonly grants: readonly GrantLine[];
  readonly groups: readonly GroupLine[];
  readonly issues: readonly Issue[];
};

/** Reads the text of a policy, one line after the other. `name` is what its lines are called by. */
export function readPolicy(name: string, text: string): PolicyLines {
  const grants: GrantLine[] = [];
  const groups: GroupLine[] = [];
  const issues: Issue[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const place = `${name}:${at + 1}`;
    const read = readLine(trimmed, place);
    if ('fault' in read) issues.push({ path: place, message: read.fault });
    else if ('member' in read) groups.push(read);
    else grants.push(read);
  }
  return { grants, groups, issues };
}

/** The fields of a line of each kind, for people. */
const forms = { p: 'p, subject, resource, action, object, allow or deny', g: 'g, user or group, role' };

function readLine(line: string, place: string): GrantLine | GroupLine | { readonly fault: string } {
  const fields = readFields(line);
  if (fields === undefined) return { fault: 'has quotes that are not closed; close or remove them' };
  const [head = ''] = fields;
  if (head !== 'p' && head !== 'g') {
    return { fault: `begins with "${head.slice(0, 100)}"; write ${forms.p}, or ${forms.g}` };
  }
  const count = forms[head].split(',').length;
  if (fields.length !== count) {
    return { fault: `has ${fields.length} fields, not ${count}; write it as ${forms[head]}` };
  }
  const blank = fields.find((field) => field !== field.trimEnd());
  // A blank belongs to the field before it, which then fits nothing.
  if (blank !== undefined) return { fault: `has a blank after "${blank.trim()}"; remove it` };
  if (head === 'g') return groupLine(fields);
  const [, subject = '', resource = '', action = '', object = '', effect = ''] = fields;
  if (subject === '') return { fault: 'names no subject; write a user, a group or a role' };
  if (effect !== 'allow' && effect !== 'deny') {
    return { fault: `has the effect "${effect.slice(0, 100)}"; write allow or deny at its end` };
  }
  return { subject, resource, action, object, effect, place };
}

function groupLine([, member = '', role = '']: readonly string[]): GroupLine | { readonly fault: string } {
  if (member === '' || role === '')
    return { fault: 'gives nobody anything; write a user or group, and a role' };
  return { member, role };
}

/** The fields of a line, of which one may stand in quotes; undefined when they aren't closed. */
function readFields(line: string): string[] | undefined {
  const fields: string[] = [];
  const blank = /\s*/y;
  const field = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  for (;;) {
    blank.lastIndex = field.lastIndex;
    blank.exec(line);
    field.lastIndex = blank.lastIndex;
    const read = field.exec(line);
    if (read === null) return undefined;
    fields.push(read[1]?.replaceAll('""', '"') ?? read[2] ?? '');
    if (read[3] === '') return fields;
  }
}
