import type { Command } from 'commander';
import { KeelsonError } from '../../../core/errors.ts';
import { formatIssue, type Issue } from '../../../core/issue.ts';
import { decide } from '../../../core/rbac/decide.ts';
import { requestFault, resourceNamed } from '../../../core/rbac/known-requests.ts';
import { compilePolicy } from '../../../core/rbac/policy/compile.ts';
import { readRbacSettings } from '../../../core/rbac/policy/settings.ts';
import { addSwitch, type CliContext } from '../../command.ts';
import {
  addPolicyFlags,
  type PolicyData,
  type PolicyFlags,
  readPolicyData,
} from '../../flags/policy-words.ts';
import { unsuccessfulStatus } from '../../terminal/output.ts';
import { plainText } from '../../terminal/text.ts';

type CanFlags = PolicyFlags & {
  readonly defaultRole?: string;
  readonly quiet?: boolean;
  readonly strict?: boolean;
  readonly useBuiltinPolicy?: boolean;
};

/** Adds `keelson admin settings rbac`, which tries policies out: those of a file, or those of a server. */
export function addRbac(settings: Command, context: CliContext): void {
  const rbac = settings.command('rbac').description('try out policies, of a file or of a server');
  const can = rbac
    .command('can')
    .description('whether a policy grants something: prints Yes or No, exit status 0 or 1')
    .argument('<subject>', 'role, user or group, such as role:readonly')
    .argument('<action>')
    .argument('<resource>')
    .argument('[object]', 'such as default/guestbook', '*')
    .option('--default-role <role>', 'role that everybody has, instead of policy.default');
  addSwitch(can, '--strict', 'refuse actions and resources that there are not, which is the default');
  addSwitch(can, '--use-builtin-policy', 'take the built-in roles along, which is the default');
  addSwitch(can, '-q, --quiet', 'print nothing');
  addPolicyFlags(can).action(
    async (
      subject: string,
      action: string,
      resource: string,
      object: string,
      flags: CanFlags,
      command: Command,
    ) => {
      const request = { resource: resourceNamed(resource), action, object };
      const fault = flags.strict === false ? undefined : requestFault(request.resource, action);
      if (fault !== undefined) throw new KeelsonError('invalid-argument', `${fault}, or --strict=false`);
      const policy = compileData(await readPolicyData(context, command, flags), flags);
      // As a group would be that a token names; as a user it is asked as well.
      const { allowed } = decide(policy, { name: subject, groups: [subject] }, request);
      if (flags.quiet !== true) context.print(allowed ? 'Yes\n' : 'No\n');
      if (!allowed) context.exitWith(unsuccessfulStatus);
    },
  );
  const validate = rbac
    .command('validate')
    .description('say which lines and keys of a policy can not be read');
  addPolicyFlags(validate).action(async (flags: PolicyFlags, command: Command) => {
    const data = await readPolicyData(context, command, flags);
    const issues = [...readRbacSettings(data).issues, ...compileData(data, {}).issues];
    for (const issue of issues) context.print(`${lineOf(issue)}\n`);
    context.print(issues.length === 0 ? 'Policy is valid.\n' : 'Policy is invalid.\n');
    if (issues.length > 0) context.exitWith(unsuccessfulStatus);
  });
}

function compileData(data: PolicyData, { defaultRole, useBuiltinPolicy = true }: Partial<CanFlags>) {
  const { issues: _, scopes: _scopes, ...words } = readRbacSettings(data);
  return compilePolicy({
    ...words,
    projects: [],
    bare: !useBuiltinPolicy,
    defaultRole: defaultRole ?? words.defaultRole,
  });
}

function lineOf(issue: Issue): string {
  return plainText(formatIssue(issue));
}
