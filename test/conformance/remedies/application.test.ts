import { describe } from 'vitest';
import { overrideSource } from '../../../core/application/source/source-overrides.ts';
import { annotationWarnings } from '../../../core/application/spec/annotation-warnings.ts';
import { readApplication } from '../../../core/application/spec/read-application.ts';
import { checkNamespace } from '../../../core/application/spec/validate.ts';
import { formatIssue } from '../../../core/issue.ts';
import { sourceKindOf } from '../../../core/render/tools.ts';
import { parseDuration } from '../../../core/text/duration.ts';
import { type Followed, followEach, problemsOf } from '../../support/hostile/remedies.ts';

const git = { repoURL: 'https://git.example.com/apps.git', path: 'web' };
const chart = { repoURL: 'https://charts.example.com', chart: 'web', targetRevision: '1.x' };
const destination = { server: 'https://kubernetes.default.svc' };
const head = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata: { name: 'web' } };

const problemsOfApplication = (input: object): string[] =>
  (readApplication({ ...head, ...input }).issues ?? []).map(formatIssue);

const withSpec = (spec: object) => ({ spec: { source: git, destination, ...spec } });

/** Rows of a field of the spec. */
const spec = (says: string, fault: object, helped: object): Followed<object> => [
  says,
  withSpec(fault),
  withSpec(helped),
];

describe('an application', () => {
  followEach(problemsOfApplication, [
    ['is empty; name the application', { ...withSpec({}), metadata: { name: '' } }, withSpec({})],
    [
      '"Web_1" is not a valid name; use at most 253 lower-case letters, digits, "-" and "."',
      { ...withSpec({}), metadata: { name: 'Web_1' } },
      { ...withSpec({}), metadata: { name: 'web-1.a' } },
    ],
    ['spec: is missing; add it as a map of fields', {}, withSpec({})],
    spec('is missing; add a source with repoURL and path or chart', { source: undefined }, { source: chart }),
    ...[git, chart].map((source) =>
      spec(
        'is missing and so is chart; set path ("." for the repository root) or chart',
        { source: { repoURL: source.repoURL } },
        { source },
      ),
    ),
    spec(
      'is missing and so is chart; set path ("." for the repository root) or chart',
      { source: { ...git, path: '' } },
      { source: { ...git, path: '.' } },
    ),
    ...[{ path: '.' }, chart, { ref: 'values' }].map((one) =>
      spec(
        'has none of path, chart and ref; set one of them',
        { sources: [{ repoURL: git.repoURL }] },
        { sources: [{ repoURL: git.repoURL, ...one }] },
      ),
    ),
    spec(
      '"a b" is not valid; use letters, digits, "_" and "-"',
      { sources: [{ ...git, ref: 'a b' }] },
      { sources: [{ ...git, ref: 'a_b-1' }] },
    ),
    spec(
      '"a" is used by another source; choose another name',
      {
        sources: [
          { ...git, ref: 'a' },
          { ...git, ref: 'a' },
        ],
      },
      {
        sources: [
          { ...git, ref: 'a' },
          { ...git, ref: 'b' },
        ],
      },
    ),
    ...[chart, { ...git, ref: 'a' }].map((helped) =>
      spec(
        'is set on a Helm chart, which other sources cannot refer to; remove ref or chart',
        { sources: [{ ...chart, ref: 'a' }] },
        { sources: [helped] },
      ),
    ),
    spec('is empty; set the URL of the repository', { source: { ...git, repoURL: '' } }, { source: git }),
    ...['1.2.3', '1.x'].map((targetRevision) =>
      spec(
        'is missing, and a Helm chart needs it; set the chart version, such as 1.2.3 or 1.x',
        { source: { ...chart, targetRevision: '' } },
        { source: { ...chart, targetRevision } },
      ),
    ),
    spec(
      '"/web" leaves the repository; write it relative to the repository root',
      { source: { ...git, path: '/web' } },
      { source: git },
    ),
    ...[{ helm: { releaseName: 'a' } }, { kustomize: { namePrefix: 'a-' } }].map((block) =>
      spec(
        'multiple application sources defined: helm, kustomize; keep one of them',
        { source: { ...git, helm: { releaseName: 'a' }, kustomize: { namePrefix: 'a-' } } },
        { source: { ...git, ...block } },
      ),
    ),
    ...[{ server: 'https://a.example.com' }, { name: 'in-cluster' }].map((one) =>
      spec('names no cluster; set server (its API URL) or name', { destination: {} }, { destination: one }),
    ),
    ...[destination, { name: 'in-cluster' }].map((one) =>
      spec(
        'has both server and name; keep one of them',
        { destination: { ...destination, name: 'in-cluster' } },
        { destination: one },
      ),
    ),
    ...['5s', '3m', '1h30m'].map((duration) =>
      spec(
        '"soon" is not a duration; write a number with a unit such as 5s, 3m or 1h30m',
        { syncPolicy: { retry: { backoff: { duration: 'soon' } } } },
        { syncPolicy: { retry: { backoff: { duration } } } },
      ),
    ),
    spec(
      'is negative; use 1 or more',
      { syncPolicy: { retry: { backoff: { factor: -1 } } } },
      { syncPolicy: { retry: { backoff: { factor: 1 } } } },
    ),
    spec(
      '"PruneLast" has no value; write it as PruneLast=true',
      { syncPolicy: { syncOptions: ['PruneLast'] } },
      { syncPolicy: { syncOptions: ['PruneLast=true'] } },
    ),
    spec('is negative; use 0 or more', { revisionHistoryLimit: -1 }, { revisionHistoryLimit: 0 }),
    spec(
      'must be a text, not a number; put it in quotes',
      { source: { ...git, targetRevision: 1 } },
      { source: { ...git, targetRevision: '1' } },
    ),
    spec(
      'must be true or false, not a text; remove the quotes',
      { syncPolicy: { automated: { prune: 'true' } } },
      { syncPolicy: { automated: { prune: true } } },
    ),
    spec(
      'must be a list, not a map of fields; check its indentation and form',
      { syncPolicy: { syncOptions: {} } },
      { syncPolicy: { syncOptions: [] } },
    ),
  ]);
});

describe('a number of an application', () => {
  followEach(problemsOfApplication, [
    spec(
      'must be a whole number or a text, not a list; change it',
      { source: { ...git, kustomize: { replicas: [{ name: 'web', count: [] }] } } },
      { source: { ...git, kustomize: { replicas: [{ name: 'web', count: 2 }] } } },
    ),
    spec(
      'must be a whole number or a text, not true or false; change it',
      { source: { ...git, kustomize: { replicas: [{ name: 'web', count: true }] } } },
      { source: { ...git, kustomize: { replicas: [{ name: 'web', count: '2' }] } } },
    ),
    spec(
      'must be a number, not a whole number beyond 2^53; write a smaller one',
      { revisionHistoryLimit: 2n ** 60n },
      { revisionHistoryLimit: 10 },
    ),
  ]);
});

describe('the namespace of a destination', () => {
  followEach(
    (namespace) => checkNamespace({ namespace }).map(formatIssue),
    ['a', 'web-1', 'x'.repeat(63)].flatMap((helped) =>
      ['Web', '-web', 'x'.repeat(64)].map(
        (fault): Followed<string> => [
          `"${fault}" is not a valid name of a namespace; use at most 63 lower-case letters, digits and "-", with a letter or digit at both ends`,
          fault,
          helped,
        ],
      ),
    ),
  );
});

describe('an application that would be asked for twice', () => {
  followEach(
    (source) => problemsOf(() => sourceKindOf(source, [])),
    [
      [
        'multiple application sources defined: kustomize, helm; keep one of them',
        { ...git, helm: {}, kustomize: {} },
        { ...git, helm: {} },
      ],
    ],
  );
});

describe('an override file of a source', () => {
  followEach(
    (text) => problemsOf(() => overrideSource(git, '.argocd-source.yaml', text)),
    [
      [
        'is no map of fields; write fields of a source such as kustomize or helm',
        '- a',
        'kustomize: {namePrefix: a-}',
      ],
      ['is no map of fields; write fields of a source such as kustomize or helm', 'a', 'helm: {}'],
      ['put it in quotes', 'helm: {releaseName: 1}', 'helm: {releaseName: "1"}'],
    ],
  );
});

describe('a duration', () => {
  followEach(
    (text) => problemsOf(() => parseDuration(text)),
    ['5s', '3m', '1h30m'].map(
      (helped): Followed<string> => [
        'duration "ten" cannot be read; write a number with a unit such as 5s, 3m or 1h30m',
        'ten',
        helped,
      ],
    ),
  );
});

describe('an annotation of an application', () => {
  followEach<Record<string, string>>(annotationWarnings, [
    [
      'annotation keelson.dev/sync-timeout: "soon" is no duration and not applied; write one such as 30m',
      { 'keelson.dev/sync-timeout': 'soon' },
      { 'keelson.dev/sync-timeout': '30m' },
    ],
    [
      "is no time for a deletion, and the application can't be deleted with its objects; write one such as 10m",
      { 'keelson.dev/delete-deadline': '0s' },
      { 'keelson.dev/delete-deadline': '10m' },
    ],
    ...[{ 'keelson.dev/sync-gate': 'all' }, {}].map(
      (helped): Followed<Record<string, string>> => [
        'annotation keelson.dev/sync-gate: "every" has no meaning; write all, or remove the annotation',
        { 'keelson.dev/sync-gate': 'every' },
        helped,
      ],
    ),
  ]);
});

describe('the head of an application', () => {
  followEach(problemsOfApplication, [
    [
      'apiVersion: is missing; set it to argoproj.io/v1alpha1',
      { ...withSpec({}), apiVersion: undefined },
      withSpec({}),
    ],
    ['kind: must be Application; change it', { ...withSpec({}), kind: 'App' }, withSpec({})],
  ]);
});
