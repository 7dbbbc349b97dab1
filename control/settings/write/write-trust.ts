import { KeelsonError } from '../../../core/errors.ts';
import { trustMaps } from '../../../core/home/settings/settings-object.ts';
import type { Values } from '../../../core/home/settings/written/secret-values.ts';
import {
  knownHostsKey,
  withCertificates,
  withKnownHosts,
} from '../../../core/home/settings/written/trust-maps.ts';
import { ownField } from '../../../core/own-field.ts';
import { readKnownHosts } from '../../../core/repository/known-hosts.ts';
import { pemBlocks } from '../../../core/repository/record.ts';
import type { Database } from '../../../db/client.ts';
import { listCertificates, type NewCertificate } from '../../../db/queries/repository/certificate.ts';
import { listGpgKeys } from '../../../db/queries/repository/gpg-key.ts';
import { type PgpKey, readPgpKeys } from '../../../platform/keys/pgp-key.ts';
import type { HomeChange, HomeSettings } from './settings-port.ts';
import { changeMap } from './write-map.ts';

/** Where maps are written, by whom, and what is on record of it. */
export type TrustWriter = Pick<HomeChange, 'audit' | 'author'> & {
  readonly home: HomeSettings;
  readonly db: Database;
};

/** Host keys and bundles that are saved or forgotten. */
export type TrustChange = {
  readonly saved: readonly NewCertificate[];
  readonly forgotten: readonly NewCertificate[];
};

type TrustType = NewCertificate['type'];

const ofType = (type: TrustType, { saved, forgotten }: TrustChange): TrustChange => ({
  saved: saved.filter((row) => row.type === type),
  forgotten: forgotten.filter((row) => row.type === type),
});

const hostOf = ({ serverName, keyType, content }: NewCertificate) => ({ serverName, keyType, key: content });
const bundleOf = ({ serverName, content }: NewCertificate) => ({ serverName, pem: content });

/** Of each type the map that holds it, what it says, and what becomes of that. */
const maps: Readonly<
  Record<
    TrustType,
    {
      readonly name: string;
      valuesOf(rows: readonly NewCertificate[]): Values;
      changed(values: Values, change: TrustChange): Values;
      faultOf(values: Values): string | undefined;
    }
  >
> = {
  ssh: {
    name: trustMaps['known-hosts'],
    valuesOf: (rows) => ({ [knownHostsKey]: withKnownHosts('', rows.map(hostOf)) }),
    changed: (values, { saved, forgotten }) => ({
      ...values,
      [knownHostsKey]: withKnownHosts(
        ownField(values, knownHostsKey) ?? '',
        saved.map(hostOf),
        forgotten.map(hostOf),
      ),
    }),
    faultOf(values) {
      const { issues } = readKnownHosts(ownField(values, knownHostsKey) ?? '', knownHostsKey);
      return issues[0] && `${issues[0].path}: ${issues[0].message.split(';')[0]}`;
    },
  },
  https: {
    name: trustMaps.certificates,
    valuesOf: (rows) => withCertificates({}, rows.map(bundleOf)),
    changed: (values, { saved, forgotten }) =>
      withCertificates(values, saved.map(bundleOf), forgotten.map(bundleOf)),
    faultOf(values) {
      const bad = Object.entries(values).find(([, pem]) => pemBlocks(pem, 'CERTIFICATE').length === 0);
      return bad && `${bad[0]}: holds no certificate`;
    },
  },
};

/** Has the maps of host keys and bundles say what is saved, and not what is forgotten. */
export async function writeCertificates(writer: TrustWriter, change: TrustChange): Promise<void> {
  const { home, db, author, audit } = writer;
  const known = await listCertificates(db);
  for (const type of ['ssh', 'https'] as const) {
    const own = ofType(type, change);
    if (own.saved.length + own.forgotten.length === 0) continue;
    const { name, valuesOf, changed, faultOf } = maps[type];
    const inForce = valuesOf(known.filter((row) => row.type === type));
    await changeMap(home, {
      ...{ name, inForce, faultOf, author, audit },
      changed: (values) => changed(values, own),
    });
  }
}

/** Has the map of GnuPG keys hold these, and not the one that is forgotten. */
export async function writeGpgKeys(
  { home, db, author, audit }: TrustWriter,
  { saved, forgotten }: { readonly saved: readonly PgpKey[]; readonly forgotten?: string },
): Promise<void> {
  const inForce = Object.fromEntries((await listGpgKeys(db)).map(({ keyId, content }) => [keyId, content]));
  const added = saved.map(({ keyId, armored }): [string, string] => [keyId, armored]);
  await changeMap(home, {
    ...{ name: trustMaps['gpg-keys'], inForce, author, audit },
    changed: (values) => ({
      ...(forgotten === undefined ? values : withoutKey(values, forgotten)),
      ...Object.fromEntries(added),
    }),
    faultOf: (values) =>
      Object.entries(values)
        .map(unreadableKey)
        .find((fault) => fault !== undefined),
  });
}

/** A text may hold several keys: those that stay get entries of their own. */
function withoutKey(values: Values, keyId: string): Values {
  const entries = Object.entries(values).flatMap(([name, text]): [string, string][] => {
    const keys = readPgpKeys(text);
    if (!keys.some((key) => key.keyId === keyId)) return [[name, text]];
    return keys.filter((key) => key.keyId !== keyId).map((key) => [key.keyId, key.armored]);
  });
  return Object.fromEntries(entries);
}

function unreadableKey([name, text]: readonly [string, string]): string | undefined {
  try {
    readPgpKeys(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof KeelsonError)) throw error;
    return `${name}: ${error.message.split(';')[0]}`;
  }
}
