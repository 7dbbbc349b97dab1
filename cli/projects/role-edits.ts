import { KeelsonError } from '../../core/errors.ts';
import type { ProjectRole, ProjectSpec } from '../../core/project/project.ts';
import { roleSubject } from '../../core/project/roles/roles.ts';
import { type Edited, type EditFlag, type EditInput, type ProjectEdit, textFlag } from './edit.ts';

const policyFlags: readonly EditFlag[] = [
  { name: '-a, --action', description: 'what may be done, such as get, sync or *', kind: 'text' },
  { name: '-o, --object', description: 'object within the project, * for all', kind: 'text' },
  { name: '-p, --permission', description: 'allow or deny', kind: 'text', initial: 'allow' },
  { name: '-r, --resource', description: 'sort of objects', kind: 'text', initial: 'applications' },
];

function policyOf(input: EditInput): string {
  const [role = ''] = input.words;
  const [resource, action, object, effect] = ['resource', 'action', 'object', 'permission'].map((flag) =>
    textFlag(input, flag),
  );
  return `p, ${roleSubject({ project: input.project, role })}, ${resource}, ${action}, ${input.project}/${object}, ${effect}`;
}

/** The role of a name; throws where there is none. */
export function roleOf(spec: ProjectSpec, project: string, name: string): ProjectRole {
  const role = spec.roles?.find((one) => one.name === name);
  if (role !== undefined) return role;
  throw new KeelsonError(
    'not-found',
    `role '${name}' does not exist in project '${project}'; see keelson proj role list ${project}`,
  );
}

function withRole(spec: ProjectSpec, role: ProjectRole): ProjectSpec {
  return { ...spec, roles: (spec.roles ?? []).map((one) => (one.name === role.name ? role : one)) };
}

/** Adds an entry to a list of a role, or takes it out. */
function change(
  spec: ProjectSpec,
  { project, words: [name = ''] }: EditInput,
  { list, entry, adds, what }: { list: 'groups' | 'policies'; entry: string; adds: boolean; what: string },
): Edited {
  const role = roleOf(spec, project, name);
  const entries = role[list] ?? [];
  const isThere = entries.includes(entry);
  if (isThere === adds) {
    return { stays: `${what} '${entry}' ${adds ? 'already present' : 'not present'} in role '${name}'` };
  }
  const changed = adds ? [...entries, entry] : entries.filter((one) => one !== entry);
  const says = adds
    ? `${what} '${entry}' added to role '${name}'`
    : `${what} '${entry}' removed from role '${name}'`;
  return {
    spec: withRole(spec, { ...role, [list]: changed }),
    ...(list === 'groups' ? { says } : {}),
  };
}

/** The commands that change roles, below `role`. */
export const roleEdits: readonly ProjectEdit[] = [
  {
    name: 'create',
    description: 'create a role',
    words: ['ROLE-NAME'],
    flags: [{ name: '--description', description: 'what the role is for', kind: 'text' }],
    edit(spec, input) {
      const [name = ''] = input.words;
      if (spec.roles?.some((one) => one.name === name)) return { stays: `Role '${name}' already exists` };
      const description = textFlag(input, 'description');
      const role = { name, ...(description === '' ? {} : { description }) };
      return { spec: { ...spec, roles: [...(spec.roles ?? []), role] }, says: `Role '${name}' created` };
    },
  },
  {
    name: 'delete',
    description: 'delete a role; its tokens are revoked with it',
    words: ['ROLE-NAME'],
    edit(spec, { words: [name = ''] }) {
      const roles = spec.roles ?? [];
      if (!roles.some((one) => one.name === name))
        return { stays: `Role '${name}' does not exist in project` };
      return {
        spec: { ...spec, roles: roles.filter((one) => one.name !== name) },
        says: `Role '${name}' deleted`,
      };
    },
  },
  ...([true, false] as const).flatMap((adds): ProjectEdit[] => [
    {
      name: adds ? 'add-policy' : 'remove-policy',
      description: adds ? 'grant or deny a role something' : 'take a policy from a role',
      words: ['ROLE-NAME'],
      flags: policyFlags,
      edit: (spec, input) =>
        change(spec, input, { list: 'policies', entry: policyOf(input), adds, what: 'Policy' }),
    },
    {
      name: adds ? 'add-group' : 'remove-group',
      description: adds ? 'give a role to a group' : 'take a role from a group',
      words: ['ROLE-NAME', 'GROUP-CLAIM'],
      edit: (spec, input) =>
        change(spec, input, { list: 'groups', entry: input.words[1] ?? '', adds, what: 'Group' }),
    },
  ]),
];
