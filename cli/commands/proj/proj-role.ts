import type { Command } from 'commander';
import { decodeJwt } from 'jose';
import { KeelsonError } from '../../../core/errors.ts';
import { readDuration } from '../../../core/text/duration.ts';
import type { CliContext } from '../../command.ts';
import { parseFormat } from '../../flags/flag-value.ts';
import { roleEdits, roleOf } from '../../projects/role-edits.ts';
import { formatRole, formatRoles, formatTokens, timeOf } from '../../render/render-project.ts';
import { formatStructured } from '../../terminal/output.ts';
import { addEdits } from './proj-edits.ts';

/** Adds `role` with the commands about roles and their tokens. */
export function addProjectRoles(proj: Command, context: CliContext): void {
  const role = proj.command('role').description('roles of a project and their tokens');
  addEdits(role, context, roleEdits);
  addReads(role, context);
  addCreateToken(role, context);
  addListTokens(role, context);
  addDeleteToken(role, context);
}

function addReads(role: Command, context: CliContext): void {
  role
    .command('list')
    .description('list the roles of a project')
    .argument('<PROJECT>')
    .option('-o, --output <format>', 'wide, name, json or yaml', 'wide')
    .action(async (project: string, flags: { output: string }, command: Command) => {
      const format = parseFormat(flags.output, ['wide', 'name', 'json', 'yaml']);
      const { spec } = await context.withClient(command, (client) => client.projects.get(project));
      const roles = spec.roles ?? [];
      const names = roles.map(({ name }) => `${name}\n`).join('');
      context.print(formatStructured(roles, format) ?? (format === 'name' ? names : formatRoles(roles)));
    });

  role
    .command('get')
    .description('show a role with its policies, groups and tokens')
    .argument('<PROJECT>')
    .argument('<ROLE-NAME>')
    .action(async (project: string, name: string, _flags: unknown, command: Command) => {
      const found = await context.withClient(command, (client) => client.projects.get(project));
      context.print(formatRole(found, roleOf(found.spec, project, name)));
    });
}

function addCreateToken(role: Command, context: CliContext): void {
  role
    .command('create-token')
    .alias('token-create')
    .description('issue a token of a role; it is shown this once')
    .argument('<PROJECT>')
    .argument('<ROLE-NAME>')
    .option('-e, --expires-in <duration>', 'how long it counts, such as 12h or 7d; for ever without it')
    .option('-i, --id <id>', 'id of the token; a random one without it')
    .option('-t, --token-only', 'print the token and nothing else')
    .action(
      async (
        project: string,
        name: string,
        flags: { expiresIn?: string; id?: string; tokenOnly?: boolean },
        command: Command,
      ) => {
        const choice = { expiresIn: secondsOf(flags.expiresIn ?? '0s'), id: flags.id ?? '' };
        const token = await context.withClient(command, (client) =>
          client.projects.createToken({ project, role: name }, choice),
        );
        context.print(flags.tokenOnly === true ? `${token}\n` : tokenWords(token));
      },
    );
}

function tokenWords(token: string): string {
  const { sub = '', jti = '', iat, exp } = decodeJwt(token);
  return [
    `Create token succeeded for ${sub}.`,
    `  ID: ${jti}`,
    `  Issued At: ${timeOf(iat)}`,
    `  Expires At: ${timeOf(exp)}`,
    `  Token: ${token}\n`,
  ].join('\n');
}

/** Days are written here too, which durations elsewhere don't know. */
function secondsOf(text: string): number {
  const [, days, rest = ''] = /^(?:(\d{1,6})d)?(.*)$/s.exec(text) ?? [];
  const seconds = rest === '' ? 0 : readDuration(rest);
  if (text !== '' && seconds !== undefined && seconds >= 0) {
    return Math.floor(Number(days ?? 0) * 86_400 + seconds);
  }
  throw new KeelsonError('invalid-argument', `--expires-in "${text}" is not a duration; write 12h or 7d`);
}

function addListTokens(role: Command, context: CliContext): void {
  role
    .command('list-tokens')
    .aliases(['list-token', 'token-list'])
    .description('list the tokens of a role')
    .argument('<PROJECT>')
    .argument('<ROLE-NAME>')
    .option('-u, --unixtime', 'times in seconds, as delete-token takes them')
    .action(async (project: string, name: string, flags: { unixtime?: boolean }, command: Command) => {
      const { spec } = await context.withClient(command, (client) => client.projects.get(project));
      const tokens = roleOf(spec, project, name).jwtTokens ?? [];
      context.print(
        tokens.length === 0
          ? `No tokens for ${project}.${name}\n`
          : formatTokens(tokens, { unix: flags.unixtime === true }),
      );
    });
}

function addDeleteToken(role: Command, context: CliContext): void {
  role
    .command('delete-token')
    .aliases(['token-delete', 'remove-token'])
    .description('revoke a token of a role')
    .argument('<PROJECT>')
    .argument('<ROLE-NAME>')
    .argument('<ISSUED-AT>', 'when it was issued, in seconds, as list-tokens -u says')
    .option('-i, --id <id>', 'id of the token, where others were issued in the same second')
    .action(
      async (project: string, name: string, issuedAt: string, flags: { id?: string }, command: Command) => {
        if (!/^\d{1,15}$/.test(issuedAt)) {
          throw new KeelsonError(
            'invalid-argument',
            `ISSUED-AT "${issuedAt}" is not a time in seconds; see keelson proj role list-tokens ${project} ${name} -u`,
          );
        }
        await context.withClient(command, (client) =>
          client.projects.deleteToken({ project, role: name }, { iat: Number(issuedAt), id: flags.id }),
        );
      },
    );
}
