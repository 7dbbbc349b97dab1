import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { z } from 'zod';
import { nameWithin } from '../../../../cli/flags/app-namespace.ts';
import { buildApplication } from '../../../../cli/flags/application-flags.ts';
import { addSource, changeSpec, readPosition, removeSource } from '../../../../cli/flags/change-sources.ts';
import { parseAssignment, parseInteger, parseWord } from '../../../../cli/flags/flag-value.ts';
import {
  parseResource,
  type SyncFlags,
  selectResources,
  syncBodyOf,
} from '../../../../cli/flags/sync-body.ts';
import { readConfig } from '../../../../cli/server/config-file.ts';
import {
  parseServer,
  requireContext,
  resolveConnection,
  transportOptions,
} from '../../../../cli/server/connection.ts';
import { parseTimeout } from '../../../../cli/server/deadline.ts';
import { checkRevision, revisionsOf, syncRequestOf } from '../../../../control/application/sync-request.ts';
import type { ApplicationSpec } from '../../../../core/application/spec/spec.ts';
import { noticeOf, readPayload } from '../../../../core/git/webhook/push.ts';
import { type Followed, followEach, problemsOf } from '../../../support/hostile/remedies.ts';

describe('a value of a flag', () => {
  followEach(
    (text: string) => problemsOf(() => parseAssignment(text, '--label')),
    [['--label "team" cannot be read; write it as NAME=VALUE', 'team', 'team=a']],
  );
  followEach(
    (text: string) => problemsOf(() => parseInteger(text, '--limit')),
    [['--limit "ten" is not a whole number; write digits only', 'ten', '10']],
  );
  followEach(
    (text: string) => problemsOf(() => parseWord(text, ['json', 'yaml'], '--output')),
    ['json', 'yaml'].map(
      (word): Followed<string> => ['--output "xml" is unknown; use json, yaml', 'xml', word],
    ),
  );
  followEach(
    (text: string) => problemsOf(() => parseTimeout(text)),
    [['--timeout "-1" is negative; use 0 to wait without limit', '-1', '0']],
  );
  followEach(
    (text: string) => problemsOf(() => readPosition(text)),
    [['--source-position counts from 1; give a larger one', '0', '1']],
  );
  followEach(
    (text: string) => problemsOf(() => parseServer(text)),
    ['keelson.example.com:443', 'https://keelson.example.com'].map(
      (helped): Followed<string> => [
        'server address cannot be read; write HOST:PORT or a URL such as https://keelson.example.com',
        'a b',
        helped,
      ],
    ),
  );
  followEach(
    (header: string[]) => problemsOf(() => transportOptions({ header })),
    [['--header cannot be read; write it as "Name: value"', ['X'], ['X: y']]],
  );
});

const defaults: SyncFlags = {
  retryBackoffDuration: '5s',
  retryBackoffFactor: '2',
  retryBackoffMaxDuration: '3m',
};
const known = [{ group: 'apps', kind: 'Deployment', namespace: 'demo', name: 'web' }];
const revisions = ['v1', 'v2'];
const sourcePositions = ['1', '2'];

describe('a sync by flags', () => {
  followEach(
    (flags: Partial<SyncFlags>) => problemsOf(() => syncBodyOf({ ...defaults, ...flags })),
    [
      [
        'differ in number (2 and 1); give both once for each source',
        { revisions, sourcePositions: ['1'] },
        { revisions, sourcePositions },
      ],
      [
        '--revision is for applications with one source; use --revisions with --source-positions alone',
        { revisions, sourcePositions, revision: 'v3' },
        { revisions, sourcePositions },
      ],
      ...['apply', 'hook'].map(
        (strategy): Followed<Partial<SyncFlags>> => [
          '--strategy "all" is unknown; use apply or hook',
          { strategy: 'all' },
          { strategy },
        ],
      ),
    ],
  );
  followEach(
    async (text: string) => {
      const said: string[] = [];
      const failed = await problemsOf(() =>
        said.push(...selectResources([parseResource(text)], known).hints),
      );
      return [...failed, ...said];
    },
    [
      ...['apps:Deployment:web', 'apps:Deployment:demo/web'].map(
        (helped): Followed<string> => [
          'resource "web" cannot be read; write GROUP:KIND:NAME or GROUP:KIND:NAMESPACE/NAME, such as apps:Deployment:web',
          'web',
          helped,
        ],
      ),
      [
        '--resource leaves no object of the application; see keelson app resources for what there is',
        '!apps:Deployment:web',
        'apps:Deployment:web',
      ],
      [
        'resource :Deployment:web is of the core group and matches nothing; did you mean apps:Deployment:web?',
        ':Deployment:web',
        'apps:Deployment:web',
      ],
    ],
  );
});

const source = { repoURL: 'https://git.example.com/a.git', path: '.' };
const destination = { server: 'https://kubernetes.default.svc' };
const one: ApplicationSpec = { project: 'default', destination, source };
const two: ApplicationSpec = { project: 'default', destination, sources: [source, { ...source, path: 'b' }] };

describe('an application by flags', () => {
  followEach(
    (name: string) => problemsOf(() => nameWithin(name, 'team-a')),
    ['web', 'team-a/web'].map(
      (helped): Followed<string> => [
        'application "team-b/web" is not in the namespace "team-a" that --app-namespace names; leave one of them out',
        'team-b/web',
        helped,
      ],
    ),
  );
  followEach(
    (values: Record<string, unknown>) =>
      problemsOf(() =>
        buildApplication(
          { name: 'web', file: { metadata: { name: values['file'] ?? 'web' }, spec: values['spec'] ?? one } },
          values,
        ),
      ),
    [
      [
        'application name "web" is not the file\'s metadata.name "other"; leave one of them out',
        { file: 'other' },
        { file: '' },
      ],
      [
        'source flags do not say which one they mean; edit the file, or use keelson app set --source-position',
        { spec: two, path: 'c' },
        { spec: two },
      ],
      ...['none', 'auto'].map(
        (word): Followed<Record<string, unknown>> => [
          '--sync-policy "on" is unknown; use none or auto',
          { 'sync-policy': 'on' },
          { 'sync-policy': word },
        ],
      ),
      [
        '--auto-prune is about automated sync; add --sync-policy auto',
        { 'auto-prune': true },
        { 'auto-prune': true, 'sync-policy': 'auto' },
      ],
      [
        '--sync-retry-backoff-duration refines retries; add --sync-retry-limit',
        { 'sync-retry-backoff-duration': '5s' },
        { 'sync-retry-backoff-duration': '5s', 'sync-retry-limit': '3' },
      ],
    ],
  );
  followEach(
    (values: Record<string, unknown>) => problemsOf(() => addSource({ name: 'web', spec: two }, values)),
    [['the new source has no repository; add --repo', { path: 'c' }, { path: 'c', repo: source.repoURL }]],
  );
  followEach(
    (spec: ApplicationSpec) => problemsOf(() => removeSource({ name: 'web', spec }, 1)),
    [
      [
        'has no other source; delete the application, or add a source first',
        { ...two, sources: [source] },
        two,
      ],
      [
        'has spec.source and no list; move it into spec.sources first (keelson app create --upsert -f FILE)',
        one,
        two,
      ],
    ],
  );
  followEach(
    (position: number | undefined) =>
      problemsOf(() => changeSpec({ name: 'web', spec: two }, { path: 'c' }, position)),
    [1, 2].map(
      (helped): Followed<number | undefined> => [
        'application web has a list of sources; say which with --source-position, 1 to 2',
        undefined,
        helped,
      ],
    ),
  );
});

const config = {
  'current-context': '',
  contexts: [{ name: 'a', server: 'a.example.com', user: 'a' }],
  servers: [],
  users: [],
};

describe('the config file', () => {
  let dir = '';
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'keelson-config-'));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  const followedOn = async ({ text, mode }: { text?: string; mode?: number }): Promise<string[]> => {
    const path = join(dir, crypto.randomUUID());
    if (text !== undefined) {
      await writeFile(path, text);
      await chmod(path, mode ?? 0o600);
    }
    return problemsOf(() => readConfig(path));
  };
  followEach(followedOn, [
    [
      'holds session tokens and others can read it; run chmod 600',
      { text: 'contexts: []', mode: 0o644 },
      { text: 'contexts: []', mode: 0o600 },
    ],
    [
      'it is not YAML; repair it, or delete it, which forgets all contexts, and log in again',
      { text: 'contexts: [' },
      { text: 'contexts: []' },
    ],
    [
      'contexts is not as expected; repair it, or delete it, which forgets all contexts, and log in again',
      { text: 'contexts: 1' },
      {},
    ],
  ]);
  followEach(
    (name: string) => problemsOf(() => requireContext(config, name)),
    [['context "b" does not exist; use one of a', 'b', 'a']],
  );
  followEach(
    ({ flags, current }: { flags?: object; current?: string }) =>
      problemsOf(() => resolveConnection({ ...flags }, {}, { ...config, 'current-context': current ?? '' })),
    [
      ['no server is known; run keelson login SERVER, or pass --server', {}, { current: 'a' }],
      [
        'no server is known; run keelson login SERVER, or pass --server',
        {},
        { flags: { server: 'a.example.com' } },
      ],
    ],
  );
});

describe('a sync request', () => {
  followEach(
    ({ body, spec = two }: { body: Parameters<typeof revisionsOf>[0]; spec?: ApplicationSpec }) =>
      problemsOf(() => revisionsOf(body, spec)),
    [
      [
        'revisions and sourcePositions are for applications with spec.sources; use revision',
        { body: { revisions: ['v1'], sourcePositions: [1] }, spec: one },
        { body: { revision: 'v1' }, spec: one },
      ],
      [
        'revision names no source of an application with several; use revisions with sourcePositions',
        { body: { revision: 'v1' } },
        { body: { revisions: ['v1'], sourcePositions: [1] } },
      ],
      [
        'differ in length (1 and 2); name one revision for each position',
        { body: { revisions: ['v1'], sourcePositions: [1, 2] } },
        { body: { revisions, sourcePositions: [1, 2] } },
      ],
    ],
  );
  followEach(
    (automated: boolean) => {
      const spec = automated ? { ...one, syncPolicy: { automated: {} } } : one;
      return problemsOf(() => checkRevision(spec, syncRequestOf({ revision: 'v1' }, spec)));
    },
    [['Cannot sync to v1: auto-sync currently set to HEAD; turn automated sync off first', true, false]],
  );
});

describe('a push event', () => {
  const schema = z.object({ ref: z.string() });
  followEach(
    (payload: unknown) => problemsOf(() => readPayload(schema, 'GitHub', payload)),
    [
      [
        'webhook payload is not a push of GitHub (look at: ref); send its push events as JSON',
        { action: 'opened' },
        { ref: 'refs/heads/main' },
      ],
    ],
  );
  followEach(
    (refs: string[]) =>
      problemsOf(() =>
        noticeOf('GitHub', { repositoryUrls: [source.repoURL], refs, defaultBranch: undefined }),
      ),
    [['webhook push names no ref and repository; send push events of GitHub', [], ['refs/heads/main']]],
  );
});
