import { runCli } from '../cli/main.ts';
import { interruptedStatus } from '../cli/terminal/output.ts';

// A role rather than a command: it loads what only sidecars need, and ends this process itself.
if (process.argv[2] === 'plugin-server') await import('./plugin-server.ts');

const interruption = new AbortController();
/** Ctrl-C reaches this process from the terminal and once more through the shim; a person's second one is later. */
const impatienceMilliseconds = 1000;
let interruptedAt: number | undefined;
function interrupt(): void {
  interruptedAt ??= Date.now();
  if (Date.now() - interruptedAt > impatienceMilliseconds) process.exit(interruptedStatus);
  interruption.abort();
}
process.on('SIGINT', interrupt);
process.on('SIGTERM', interrupt);
// A reader such as `head` that has seen enough closes the pipe; that is no failure of the command.
process.stdout.on('error', () => process.exit(0));

const definitions = async () => {
  const { operatorOfDefinitions } = await import('./operator/operate-definitions.ts');
  return operatorOfDefinitions(process.env, interruption.signal);
};
const backups = async () => {
  const { operatorOfBackups } = await import('./operator/operate-backups.ts');
  return operatorOfBackups(process.env, interruption.signal);
};
const operator = async () => {
  const { operatorOfAccounts } = await import('./compose/operate-accounts.ts');
  return operatorOfAccounts(process.env);
};

process.exitCode = await runCli({
  argv: process.argv.slice(2),
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  isTerminal: process.stdout.isTTY === true,
  signal: interruption.signal,
  // Loaded when they are asked for: other commands do without the database.
  accounts: {
    setPassword: async (account, password) => (await operator()).setPassword(account, password),
    renewSigningKey: async () => (await operator()).renewSigningKey(),
  },
  definitions: {
    text: async () => (await definitions()).text(),
    install: async (choice, takeOver) => (await definitions()).install(choice, takeOver),
  },
  backups: {
    export: async (choice) => (await backups()).export(choice),
    import: async (...given) => (await backups()).import(...given),
  },
  async rotateKey(tell) {
    const { rotateKey } = await import('./compose/rotate-key.ts');
    await rotateKey(process.env, tell, interruption.signal);
  },
});
// Standard input may still be open, and an open pipe would keep the process alive.
process.stdin.destroy();
