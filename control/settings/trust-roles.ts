import { KeelsonError } from '../../core/errors.ts';
import type { Notice } from '../../core/home/settings/notice.ts';
import { hostOf, readAddress } from '../../core/repository/address.ts';
import { readKnownHosts } from '../../core/repository/known-hosts.ts';
import { pemBlocks } from '../../core/repository/record.ts';
import { recordAudit } from '../../db/queries/installation/audit.ts';
import { followAccessChange, renderSignedAgain } from '../../db/queries/repository/access-change.ts';
import {
  deleteCertificates,
  listCertificates,
  type NewCertificate,
  saveCertificate,
  sshRow,
  tlsRow,
} from '../../db/queries/repository/certificate.ts';
import { addGpgKey, deleteGpgKey, listGpgKeys } from '../../db/queries/repository/gpg-key.ts';
import { type PgpKey, readPgpKeys } from '../../platform/keys/pgp-key.ts';
import { auditOf } from '../context.ts';
import {
  type Applied,
  noEffects,
  type SingleObject,
  type SingleRole,
  type Taking,
} from './settings-control.ts';

type Values = Readonly<Record<string, string>>;

/** What a map says, as far as it can be read, and what of it can't. */
type Read<Item> = { readonly items: readonly Item[]; readonly faults: readonly string[] };

/** A map that counts as a whole: where a part of it can't be read, all that it said before stays. */
function wholeMap<Item>(
  read: (values: Values) => Read<Item>,
  replace: (taking: Taking, items: readonly Item[]) => Promise<Applied['effects']>,
): SingleRole {
  return {
    sort: 'single',
    async apply(taking: Taking, { object, accepted }: SingleObject) {
      if (object === undefined && !accepted) return kept([gone]);
      const { items, faults } = read(object?.values ?? {});
      const all = [...faults, ...(object?.unreadable ?? []).map((key) => `${key}: is no text`)];
      if (all.length > 0 && !accepted) return kept(all.map(unreadable));
      return { notices: [], effects: await replace(taking, items) };
    },
  };
}

const gone: Notice = { type: 'Deleted', message: 'is gone; what it said last stays in force' };

function unreadable(fault: string): Notice {
  return { type: 'Unreadable', message: `${fault}; what it said last stays in force` };
}

function kept(notices: readonly Notice[]): Applied {
  return { notices, effects: noEffects };
}

/** `argocd-ssh-known-hosts-cm`. */
export const knownHostsRole = wholeMap<NewCertificate>(
  (values) => {
    const { hosts, issues } = readKnownHosts(values['ssh_known_hosts'] ?? '', 'ssh_known_hosts');
    return { items: hosts.map(sshRow), faults: issues.map(({ path, message }) => `${path}: ${message}`) };
  },
  (taking, rows) => replaceCertificates(taking, 'ssh', rows),
);

/** `argocd-tls-certs-cm`, whose keys are hosts. */
export const certificatesRole = wholeMap<NewCertificate>(
  (values) => {
    const entries = Object.entries(values).map(([serverName, pem]) => ({ serverName, pem }));
    const bad = entries.filter(({ pem }) => pemBlocks(pem, 'CERTIFICATE').length === 0);
    return {
      items: entries.filter((entry) => !bad.includes(entry)).map(tlsRow),
      faults: bad.map(({ serverName }) => `${serverName}: holds no certificate`),
    };
  },
  (taking, rows) => replaceCertificates(taking, 'https', rows),
);

async function replaceCertificates(
  { tx, author }: Taking,
  type: NewCertificate['type'],
  rows: readonly NewCertificate[],
): Promise<Applied['effects']> {
  const known = (await listCertificates(tx)).filter((row) => row.type === type);
  const placeOf = (row: NewCertificate): string => `${row.serverName} ${row.keyType}`;
  const wanted = new Map(rows.map((row) => [placeOf(row), row]));
  const gone = known.filter((row) => !wanted.has(placeOf(row)));
  const changed = [...wanted.values()].filter(
    (row) => known.find((one) => placeOf(one) === placeOf(row))?.content !== row.content,
  );
  if (gone.length + changed.length === 0) return noEffects;
  await deleteCertificates(tx, gone);
  for (const row of changed) await saveCertificate(tx, row);
  const details = { saved: changed.map(placeOf), deleted: gone.map(placeOf) };
  await recordAudit(tx, auditOf(author, { action: 'certificate.save', object: 'certificates', details }));
  const hosts = new Set([...gone, ...changed].map(({ serverName }) => serverName));
  // Any line of known hosts may be a pattern or a hash, so it may concern every SSH host.
  const concerns = (url: string): boolean =>
    type === 'https' ? hosts.has(hostOf(url)) : readAddress(url)?.scheme === 'ssh';
  return { refresh: await followAccessChange(tx, concerns), repositories: true };
}

/** `argocd-gpg-keys-cm`, whose keys are the ids of the keys. */
export const gpgKeysRole = wholeMap<PgpKey>(
  (values) => {
    const read = Object.entries(values).map(([id, text]): Read<PgpKey> => {
      try {
        return { items: readPgpKeys(text), faults: [] };
      } catch (error) {
        if (!(error instanceof KeelsonError)) throw error;
        return { items: [], faults: [`${id}: ${error.message}`] };
      }
    });
    return { items: read.flatMap(({ items }) => items), faults: read.flatMap(({ faults }) => faults) };
  },
  async ({ tx, author }, keys) => {
    const known = await listGpgKeys(tx);
    const wanted = new Set(keys.map(({ keyId }) => keyId));
    const gone = known.map(({ keyId }) => keyId).filter((id) => !wanted.has(id));
    for (const id of gone) await deleteGpgKey(tx, id);
    const added: string[] = [];
    for (const { armored, ...facts } of keys) {
      if (await addGpgKey(tx, { ...facts, content: armored })) added.push(facts.keyId);
    }
    if (gone.length + added.length === 0) return noEffects;
    const details = { created: added, deleted: gone };
    await recordAudit(tx, auditOf(author, { action: 'gpgkey.create', object: 'gpgkeys', details }));
    return { refresh: await renderSignedAgain(tx), repositories: false };
  },
);
