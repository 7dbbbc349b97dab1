import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { KeelsonError } from '../../core/errors.ts';

/** What `npm start` was asked to do. */
export type UpOptions = {
  /** End once the sample is Synced and Healthy, or with an error once that can't happen any more. */
  readonly once: boolean;
  readonly demo: boolean;
  /** Port of API and UI; 0 takes any free one. */
  readonly port: number;
  readonly stateDir: string;
  readonly external: {
    readonly kubeconfig?: string;
    readonly context?: string;
    readonly databaseUrl?: string;
    readonly temporalAddress?: string;
  };
};

export const usage = `usage: npm start -- [flags]
  --once                 exit 0 when the sample is Synced and Healthy, not 0 otherwise
  --no-demo              don't create the sample application
  --port N               port of API and UI (default 8080, 0 = any free one)
  --state-dir DIR        where everything is kept (default .keelson/)
  --kubeconfig FILE      use this cluster instead of a local one
  --context NAME         context of that kubeconfig
  --database-url URL     use this PostgreSQL instead of a local one
  --temporal-address A   use this Temporal server instead of a local one
`;

/** Reads the flags; an unknown one is an error that shows them all. */
export function parseUpOptions(args: readonly string[]): UpOptions {
  const { values } = parse(args);
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new KeelsonError('invalid-argument', `--port ${values.port}: must be a number from 0 to 65535`);
  }
  if (values.once && values['no-demo']) {
    throw new KeelsonError('invalid-argument', '--once waits for the sample, so it cannot go with --no-demo');
  }
  return {
    once: values.once,
    demo: !values['no-demo'],
    port,
    stateDir: resolve(values['state-dir']),
    external: {
      ...(values.kubeconfig === undefined ? {} : { kubeconfig: resolve(values.kubeconfig) }),
      ...(values.context === undefined ? {} : { context: values.context }),
      ...(values['database-url'] === undefined ? {} : { databaseUrl: values['database-url'] }),
      ...(values['temporal-address'] === undefined ? {} : { temporalAddress: values['temporal-address'] }),
    },
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        once: { type: 'boolean', default: false },
        'no-demo': { type: 'boolean', default: false },
        port: { type: 'string', default: '8080' },
        'state-dir': { type: 'string', default: '.keelson' },
        kubeconfig: { type: 'string' },
        context: { type: 'string' },
        'database-url': { type: 'string' },
        'temporal-address': { type: 'string' },
      },
    });
  } catch (cause) {
    throw new KeelsonError('invalid-argument', `${(cause as Error).message}\n${usage}`, { cause });
  }
}
