import { describe, expect, it } from 'vitest';
import { read } from './documents.ts';

/** A number that a document says, and the line of the code that holds it: neither changes without the other. */
type Tie = readonly [document: string, said: string, source: string, held: string];

const operate = (name: string): string => `docs/operate/${name}.md`;

const ties: readonly Tie[] = [
  [operate('accounts'), 'have 8 to 32 characters', 'core/account/new-password.ts', "'^.{8,32}$'"],
  [operate('accounts'), 'at most 72 bytes', 'core/account/new-password.ts', 'mostBytes = 72'],
  [operate('accounts'), 'may have 64 streams open', 'api/auth/lasting-replies.ts', 'ofLogin: 64'],
  [operate('accounts'), 'a server 1,000 (503)', 'api/auth/lasting-replies.ts', 'ofServer: 1_000'],
  [
    operate('accounts'),
    'end with their login within ten seconds',
    'api/auth/lasting-replies.ts',
    'lookMilliseconds: 3_000, patienceMilliseconds: 6_000',
  ],
  [
    operate('accounts'),
    'what an operator did is of `operator`',
    'bin/compose/operate-accounts.ts',
    "actor = 'operator'",
  ],
  [
    operate('actions'),
    'field manager `keelson-action`',
    'control/action/action-writes.ts',
    "'keelson-action'",
  ],
  [
    operate('git'),
    'ten minutes before it expires',
    'activities/git/access/github-app.ts',
    'renewMilliseconds = 10 * 60 * 1000',
  ],
  [operate('git'), 'for two seconds at most', 'platform/way-out/lookup.ts', 'otherLookupMs = 2000'],
  [
    operate('git'),
    'changed files up to 100 kB',
    'activities/git/mirror/mirror.ts',
    '--filter=blob:limit=100k',
  ],
  [operate('git'), 'more than 300 fetches', 'activities/git/mirror/usage.ts', 'mostPacks = 300'],
  [operate('git'), 'have added once a minute', 'activities/git/mirror/usage.ts', 'lookMilliseconds = 60_000'],
  [
    operate('git'),
    'up to eight idle ones per worker',
    'activities/git/checkout/checkout.ts',
    'idleLimit = 8',
  ],
  [
    operate('git'),
    'keeps a verdict for ten minutes',
    'activities/source/signature-verdicts.ts',
    'lastsMilliseconds = 10 * 60 * 1000',
  ],
  [operate('isolation'), '| time | 90 s for a tool |', 'activities/render/request.ts', 'timeoutSeconds: 90'],
  [operate('isolation'), '| processes and threads | 512 |', 'platform/sandbox/limits.ts', 'processes: 512'],
  [
    operate('isolation'),
    '| memory | 1 GiB of written memory |',
    'platform/sandbox/limits.ts',
    'memoryBytes: 1024 * 1024 * 1024',
  ],
  [operate('isolation'), '| processor time | 180 s |', 'platform/sandbox/limits.ts', 'processorSeconds: 180'],
  [
    operate('isolation'),
    '| size of a file | 512 MiB |',
    'platform/sandbox/limits.ts',
    'fileBytes: 512 * 1024 * 1024',
  ],
  [
    operate('isolation'),
    '| scratch folder | 1 GiB |',
    'platform/sandbox/limits.ts',
    'diskBytes: 1024 * 1024 * 1024',
  ],
  [
    operate('isolation'),
    'looked at once a second',
    'platform/sandbox/disk.ts',
    'betweenLooksMilliseconds = 1000',
  ],
  [operate('isolation'), '| open files | 1024 |', 'platform/sandbox/limits.ts', 'openFiles: 1024'],
  [
    operate('isolation'),
    'two for each core',
    'bin/compose/render-deps.ts',
    'rendersAtOnce = 2 * cpus().length',
  ],
  [
    operate('keys'),
    'as new runs at least twice a day',
    'workflows/proxies.ts',
    "startToCloseTimeout: '12 hours'",
  ],
  [operate('refusals'), 'that doesn’t answer, for admission', 'core/retry-policy.ts', 'webhook: { tries: 5,'],
  [operate('refusals'), '| 3 | go on |', 'core/retry-policy.ts', 'unexplained: { tries: 3,'],
  [
    operate('refusals'),
    'for longer than half a minute per object',
    'activities/apply/write-step.ts',
    'patienceMilliseconds = 30_000',
  ],
  [
    operate('refusals'),
    'or 30 s after the write',
    'core/sync/walk/status-age.ts',
    'graceMilliseconds = 30_000',
  ],
  [
    operate('repositories'),
    'was not looked at within 30 s',
    'control/access/repositories.ts',
    'testSeconds = 30',
  ],
  [operate('repositories'), 'at most 200 MB', 'cli/files/pack-folder.ts', 'mostBytes = 200 * 1024 * 1024'],
  [operate('repositories'), 'in 20,000 files', 'activities/inspect/upload.ts', 'maxEntries: 20_000'],
  [
    operate('repositories'),
    '24 MiB compressed',
    'api/application/uploaded-files.ts',
    'maxUploadBytes = 32 * 1024 * 1024',
  ],
  [
    operate('repositories'),
    '`.git`, `node_modules` and `.terraform` stay here',
    'cli/files/pack-folder.ts',
    "['.git', 'node_modules', '.terraform']",
  ],
  [
    operate('settings'),
    'after 15 s at the latest',
    'db/settings-source.ts',
    'defaultPollMilliseconds = 15_000',
  ],
  [operate('settings'), 'every 20 seconds', 'activities/operation/sweep.ts', 'sweepMilliseconds = 2000'],
  [operate('settings'), 'every 20 seconds', 'activities/operation/sweep.ts', 'thoroughEvery = 10'],
  [
    operate('settings'),
    'names every ten minutes',
    'activities/operation/retention.ts',
    'longestPauseMilliseconds = 10 * 60 * 1000',
  ],
  [operate('settings'), 'five minutes at least', 'core/settings/retention.ts', 'shortestSeconds = 300'],
  [
    operate('settings'),
    '| `details` | `2160h` (90 days) |',
    'core/settings/retention.ts',
    'details: 90 * day',
  ],
  [operate('settings'), '| `audit` | `9600h` (400 days) |', 'core/settings/retention.ts', 'audit: 400 * day'],
  [operate('settings'), '| `changes` | `24h` |', 'core/settings/retention.ts', 'changes: day'],
  [operate('settings'), '| `deliveries` | `168h` |', 'core/settings/retention.ts', 'deliveries: 7 * day'],
  [operate('settings'), '| `content` | `24h` |', 'core/settings/retention.ts', 'content: day'],
  [operate('settings'), '| `operations` | `0`, never |', 'core/settings/retention.ts', 'operations: 0'],
  [
    'docs/compatibility.md',
    '180 s and up to 60 s at random',
    'activities/desired/pace.ts',
    'jitterShare = 1 / 3',
  ],
  [
    'docs/compatibility.md',
    '180 s and up to 60 s at random',
    'platform/config.ts',
    'KEELSON_RECONCILE_SECONDS: Seconds.default(180)',
  ],
  [
    'docs/compatibility.md',
    'an index of 256 MiB',
    'activities/helm/indexes.ts',
    'maxIndexBytes = 256 * 1024 * 1024',
  ],
  [
    'docs/compatibility.md',
    'an archive of 512 MiB',
    'activities/oci/unpack-layer.ts',
    'maxArchiveBytes = 512 * 1024 * 1024',
  ],
  [
    'docs/compatibility.md',
    '50,000 members and folders and 1 GB unpacked',
    'activities/archive/unpack.ts',
    '{ maxEntries: 50_000, maxBytes: 1_000_000_000 }',
  ],
  [
    'docs/compatibility.md',
    'fetched by the worker, up to 16 MiB',
    'activities/render/files/remote-file.ts',
    'maxFileBytes = 16 * 1024 * 1024',
  ],
  [
    'docs/compatibility.md',
    'is not run for five minutes',
    'activities/session/health/health-scripts.ts',
    'restMilliseconds = 5 * 60_000',
  ],
  [
    'docs/compatibility.md',
    'paused for 60 minutes',
    'db/queries/application/render-failure.ts',
    'pauseMinutes = 60',
  ],
  ['docs/compatibility.md', 'tried again up to three times', 'control/action/run-action.ts', 'attempts = 3'],
  [
    'docs/compatibility.md',
    'at most 30 of one type are listed',
    'core/application/conditions.ts',
    'mostOfType = 30',
  ],
  ['docs/compatibility.md', 'one second for an expression', 'platform/jq/jq.ts', 'limitMilliseconds = 1000'],
  [
    'docs/compatibility.md',
    'the server ends the operation after 15 s of silence',
    'core/sync/operation/presumed-wait.ts',
    'workerTimeoutSeconds = 15',
  ],
  [
    'docs/compatibility.md',
    'after five the caller waits 1 to 300 s',
    'db/queries/login/login-attempt.ts',
    'freeTries = 5',
  ],
  [
    'docs/compatibility.md',
    'a render that failed three times',
    'db/queries/application/render-failure.ts',
    'mostFailures = 3',
  ],
  [
    'docs/compatibility.md',
    'stopped for three objects in a row',
    'activities/session/health/health-scripts.ts',
    'stopsBeforeRest = 3',
  ],
  ['docs/replay.md', 'to a fresh run at 400 events', 'workflows/hand-over.ts', 'longEvents = 400'],
  ['docs/replay.md', 'grows beyond 1,000', 'engine/long-runs.ts', 'mostEvents: 1000'],
  [
    operate('settings'),
    '| `users.session.duration` | `24h` |',
    'core/account/login-times.ts',
    'tokenSeconds: 24 * hour',
  ],
  [
    operate('settings'),
    '| `keelson.session.limit` | `168h` (7 days) |',
    'core/account/login-times.ts',
    'limitSeconds: 7 * 24 * hour',
  ],
  ['SECURITY.md', 'seven days after it began', 'core/account/login-times.ts', 'limitSeconds: 7 * 24 * hour'],
];

const plain = (text: string): string => text.replaceAll('’', "'").replaceAll(/\s+/g, ' ');

describe('numbers in documents', () => {
  it.each(ties)('%s: %s', (document, said, source, held) => {
    expect(plain(read(document)), document).toContain(plain(said));
    expect(plain(read(source)), source).toContain(plain(held));
  });
});
