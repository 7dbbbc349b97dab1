import { KeelsonError } from '../../core/errors.ts';
import { secretTypeLabel } from '../../core/home/settings/settings-object.ts';
import { scopedObject } from '../../core/rbac/request.ts';
import { withoutTrailing } from '../../core/text/trim.ts';
import {
  findClusterAt,
  listClusters,
  openClusterCredentials,
  removeCluster,
  saveCluster,
} from '../../db/queries/cluster/cluster.ts';
import { recordAudit } from '../../db/queries/installation/audit.ts';
import { auditOf } from '../context.ts';
import { type AddressedRole, noEffects, type Taking, type Winner } from './settings-control.ts';

/** The home cluster, which is registered without a Secret, and under its own credentials whatever a Secret says. */
const home = { server: 'https://kubernetes.default.svc', name: 'in-cluster' } as const;

type Values = Readonly<Record<string, string>>;

/** Clusters: one for each server. */
export const clusterRole: AddressedRole = {
  sort: 'addressed',
  scopeOf: ({ values }) => ({ address: serverOf(values), project: '' }),
  async faultOf({ tx, clusterCredentials }, { values, unreadable }) {
    const [key] = unreadable;
    if (key !== undefined) return `${key} is no text`;
    const [server, name] = [serverOf(values), nameOf(values)];
    if (server === '') return 'server is missing';
    // Destinations may say a name alone.
    const named = (await listClusters(tx)).find((row) => row.name === name && row.server !== server);
    if (named !== undefined && (named.project ?? '') === projectOf(values)) {
      return `its name ${name} is that of the cluster ${named.server}`;
    }
    return server === home.server ? undefined : configFault(clusterCredentials, values);
  },
  async apply(taking, { address }, winner) {
    const { tx, author } = taking;
    const before = await findClusterAt(tx, address);
    if (winner !== undefined) return save(taking, address, winner);
    if (before === undefined || address === home.server) return noEffects;
    await removeCluster(tx, before.id);
    await recordAudit(tx, auditOf(author, { action: 'cluster.delete', object: address }));
    return noEffects;
  },
};

/** Why the config can't be used; the parser quotes nothing of it. */
function configFault(read: Taking['clusterCredentials'], values: Values): string | undefined {
  try {
    read(nameOf(values), serverOf(values), values['config'] ?? '');
    return undefined;
  } catch (error) {
    if (!(error instanceof KeelsonError)) throw error;
    return error.message;
  }
}

async function save(taking: Taking, server: string, { values, ...marks }: Winner) {
  const { tx, keyring, author, clusterCredentials } = taking;
  const before = await findClusterAt(tx, server);
  const own = server === home.server && before !== undefined;
  const project = projectOf(values);
  const row = await saveCluster(tx, keyring, {
    server,
    name: nameOf(values),
    credentials: own
      ? openClusterCredentials(keyring, before)
      : clusterCredentials(nameOf(values), server, values['config'] ?? ''),
    labels: without(marks.labels, secretTypeLabel),
    annotations: without(marks.annotations, 'kubectl.kubernetes.io/last-applied-configuration'),
    namespaces: (values['namespaces'] ?? '')
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== ''),
    clusterResources:
      (values['clusterResources'] ?? '').trim() === 'true' || values['namespaces'] === undefined,
    project: project === '' ? null : project,
  });
  const action = before === undefined ? 'cluster.create' : 'cluster.update';
  await recordAudit(tx, auditOf(author, { action, object: scopedObject(server, project) }));
  return { ...noEffects, cluster: row.id };
}

function serverOf(values: Values): string {
  return withoutTrailing((values['server'] ?? '').trim(), '/');
}

function projectOf(values: Values): string {
  return (values['project'] ?? '').trim();
}

function nameOf(values: Values): string {
  const name = (values['name'] ?? '').trim();
  if (name !== '') return name;
  return serverOf(values) === home.server ? home.name : serverOf(values);
}

/** The annotation of `kubectl apply` repeats the whole Secret. */
function without(marks: Values, key: string): Values {
  const { [key]: _, ...rest } = marks;
  return rest;
}
