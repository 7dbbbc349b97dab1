import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultPayloadConverter, type Payload, type ProtoFailure } from '@temporalio/common';
import { afterAll, describe } from 'vitest';
import { readConfig, temporalConfig } from '../../../../platform/config.ts';
import { createKeyring, generateKey } from '../../../../platform/encryption.ts';
import { createPayloadCodec } from '../../../../platform/temporal/codec.ts';
import { temporalConnection } from '../../../../platform/temporal/connection.ts';
import { failureConverter } from '../../../../platform/temporal/failure-converter.ts';
import { privateHosts, refusedAddress } from '../../../../platform/way-out/addresses.ts';
import { followEach, problemsOf } from '../../../support/hostile/remedies.ts';

describe('an address of the machine', () => {
  followEach(
    (address: string) => [refusedAddress('git.example.com', address, privateHosts([])) ?? []].flat(),
    [
      [
        'an address of the machine or its cloud, which renders never reach; correct the address',
        '169.254.169.254',
        '192.0.2.1',
      ],
    ],
  );
});

describe('an address that renders do not reach', () => {
  followEach(
    (listed: string[]) => [refusedAddress('git.internal', '10.1.2.3', privateHosts(listed)) ?? []].flat(),
    [
      [
        'a private address; list the host in KEELSON_RENDER_PRIVATE_HOSTS if sources may use it',
        [],
        ['git.internal'],
      ],
      [
        'a private address; list the host in KEELSON_RENDER_PRIVATE_HOSTS if sources may use it',
        [],
        ['10.1.0.0/16'],
      ],
    ],
  );
});

const needed = { KEELSON_DATABASE_URL: 'postgresql://localhost/keelson', KEELSON_ENCRYPTION_KEY: 'k' };

describe('the environment of a role', () => {
  const documented = readFileSync('docs/operate/configuration.md', 'utf8');
  /** The variables that the document doesn't name, which the message sends its reader to. */
  const undocumented = (env: Record<string, string>) =>
    Object.keys(env).filter((name) => !documented.includes(name));
  followEach(
    async (env: Record<string, string>) => [
      ...undocumented(env),
      ...(await problemsOf(() => readConfig(env))),
    ],
    [
      [
        '; see docs/operate/configuration.md',
        { ...needed, KEELSON_PORT: 'many' },
        { ...needed, KEELSON_PORT: '8080' },
      ],
      ["environment can't be used: KEELSON_DATABASE_URL: ", { KEELSON_ENCRYPTION_KEY: 'k' }, needed],
    ],
  );
});

describe('the way to Temporal', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keelson-remedies-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'ca.pem');
  writeFileSync(file, 'a certificate');
  const [cert, key] = ['KEELSON_TEMPORAL_TLS_CERT', 'KEELSON_TEMPORAL_TLS_KEY'];
  const together = 'KEELSON_TEMPORAL_TLS_CERT and KEELSON_TEMPORAL_TLS_KEY belong together; set both or none';
  const off = 'KEELSON_TEMPORAL_TLS is off, and certificates or an API key need TLS; remove either of them';
  const unreadable = `KEELSON_TEMPORAL_TLS_CA: file ${folder} can't be read (EISDIR); correct the path or its permissions`;
  followEach(
    (env: Record<string, string>) => problemsOf(() => temporalConnection(temporalConfig(env))),
    [
      [together, { [cert]: file }, { [cert]: file, [key]: file }],
      [together, { [key]: file }, {}],
      [
        off,
        { KEELSON_TEMPORAL_TLS: 'off', KEELSON_TEMPORAL_API_KEY: 'k' },
        { KEELSON_TEMPORAL_API_KEY: 'k' },
      ],
      [off, { KEELSON_TEMPORAL_TLS: 'off', KEELSON_TEMPORAL_TLS_CA: file }, { KEELSON_TEMPORAL_TLS: 'off' }],
      [unreadable, { KEELSON_TEMPORAL_TLS_CA: folder }, { KEELSON_TEMPORAL_TLS_CA: file }],
    ],
  );
});

describe('what comes out of Temporal', () => {
  const place = { type: 'workflow', namespace: 'keelson', workflowId: 'sync/a/1' } as const;
  const codec = createPayloadCodec(createKeyring(generateKey()));
  const plain = defaultPayloadConverter.toPayload('x');
  followEach(
    (payload: Promise<Payload>) => problemsOf(async () => codec.decode([await payload], place)),
    [
      [
        'sync/a/1: a payload is not sealed, so it is refused; check who but Keelson reaches Temporal',
        Promise.resolve(plain),
        codec.encode([plain], place).then(([sealed]) => sealed as Payload),
      ],
    ],
  );
  const failure = failureConverter.errorToFailure(new Error('ours'), defaultPayloadConverter);
  followEach(
    (written: ProtoFailure) => {
      const { message } = failureConverter.failureToError(written, defaultPayloadConverter);
      return message === 'ours' ? [] : [message];
    },
    [
      [
        'failure is not sealed, so what it says is not believed; check who but Keelson reaches Temporal',
        { message: 'ours', applicationFailureInfo: { type: 'fenced' } },
        failure,
      ],
    ],
  );
});
