import type { Command } from 'commander';
import { KeelsonError } from '../../../core/errors.ts';

/** Commands that scripts of the reference may call and that aren't here, each with what does the same. */
const absent: Readonly<Record<string, string>> = {
  'account bcrypt': 'keelson account update-password hashes by itself',
  'account delete-token': 'there are no API tokens yet; keelson logout ends a login',
  'account generate-token':
    'there are no API tokens yet; keelson login gives one that lasts for users.session.duration',
  'account get': 'there is one account, admin; keelson account can-i says what one may do',
  'account get-user-info': 'the account is admin, or nobody is logged in',
  'account list': 'there is one account, admin; keelson account can-i says what one may do',
  'admin cluster': 'clusters come from the kubeconfig that Keelson is started with; see GET /api/v1/clusters',
  'admin dashboard': 'the server has the user interface; open its address in a browser',
  'admin initial-password':
    'the start prints it, and keelson admin set-password makes another where a role is installed',
  'admin notifications': 'there are no notifications yet',
  'admin proj': 'use keelson proj create, or keelson proj get PROJECT -o yaml',
  'admin redis-initial-password': 'there is no Redis',
  'admin repo': 'use keelson repo add, or keelson repo apply -f FILE for declarations',
  'app delete-resource':
    'delete it with kubectl, or take it out of Git and use keelson app sync NAME --prune',
  'app edit': 'use keelson app get NAME -o yaml, edit it, and keelson app create --upsert -f FILE',
  'app logs': 'use kubectl logs, or GET /api/v1/applications/NAME/pods/POD/logs',
  'app patch': 'use keelson app set NAME for a field, or PATCH /api/v1/applications/NAME with a merge patch',
  'app patch-resource': 'change it in Git, or run an action: keelson app actions list NAME',
  'app unset': 'use keelson app get NAME -o yaml, remove it, and keelson app create --upsert -f FILE',
  appset: 'there are no ApplicationSets yet; create their applications with keelson app create -f FILE',
  cluster: 'clusters come from the kubeconfig that Keelson is started with; see GET /api/v1/clusters',
  completion: 'there is no completion; keelson --help lists the commands',
  configure: 'there is nothing to configure; give flags, or KEELSON_SERVER and KEELSON_AUTH_TOKEN',
  relogin: 'use keelson login SERVER',
};

/** Adds those commands, out of sight, so that they answer with what to use instead. */
export function addAbsent(program: Command): void {
  for (const [name, instead] of Object.entries(absent)) {
    const words = name.split(' ');
    const last = words.pop() ?? '';
    const parent = words.reduce((command, word) => childOf(command, word), program);
    parent
      .command(last, { hidden: true })
      .argument('[words...]')
      .allowUnknownOption()
      .helpOption(false)
      .action(() => {
        throw new KeelsonError('invalid-argument', `keelson ${name} does not exist; ${instead}`);
      });
  }
}

function childOf(command: Command, name: string): Command {
  const child = command.commands.find((one) => one.name() === name);
  if (child === undefined) throw new Error(`keelson has no command ${name}`);
  return child;
}
