import { describe } from 'vitest';
import { readPluginFile } from '../../../core/plugin/plugin-file.ts';
import { defaultRetention } from '../../../core/settings/retention.ts';
import { readSettingsFile } from '../../../core/settings/words/config-maps.ts';
import { restoreHidden } from '../../../core/settings/words/hidden-words.ts';
import { formatSettingsProblem, type SettingsWords } from '../../../core/settings/words/problem.ts';
import { readSettings } from '../../../core/settings/words/read-settings.ts';
import { type Followed, followEach, problemsOf } from '../../support/hostile/remedies.ts';

const problemsOfWords = (words: SettingsWords): string[] =>
  readSettings(words).problems.map(formatSettingsProblem);

/** Rows of one key of argocd-cm. */
const key = (name: string, says: string, fault: string, helped: string): Followed<SettingsWords> => [
  says,
  { 'argocd-cm': { [name]: fault } },
  { 'argocd-cm': { [name]: helped } },
];

/** The same of argocd-cmd-params-cm. */
const param = (name: string, says: string, fault: string, helped: string): Followed<SettingsWords> => [
  says,
  { 'argocd-cmd-params-cm': { [name]: fault } },
  { 'argocd-cmd-params-cm': { [name]: helped } },
];

const tracking = 'application.resourceTrackingMethod';
const ignored = 'resource.compareoptions';
const customized = 'resource.customizations';

describe('a setting', () => {
  followEach(problemsOfWords, [
    ...['all', 'crd', 'none'].map((word) =>
      key(
        ignored,
        'is "some"; set it to all, crd or none',
        'ignoreResourceStatusField: some',
        `ignoreResourceStatusField: ${word}`,
      ),
    ),
    ...['annotation', 'annotation+label', 'label'].map((word) =>
      key(tracking, 'is "labels"; set it to annotation, label, annotation+label', 'labels', word),
    ),
    key(
      'application.instanceLabelKey',
      'is "a/b/c", which is no valid label key; correct it',
      'a/b/c',
      'example.com/c',
    ),
    key(
      'resource.exclusions',
      'names no apiGroups, kinds or clusters; name some or remove the entry',
      '- {}',
      '- {kinds: [Event]}',
    ),
    key(
      'resource.exclusions',
      'names no apiGroups, kinds or clusters; name some or remove the entry',
      '- {}',
      '',
    ),
    key(
      'resource.exclusions',
      'is "Event*", and a kind is either exact or *; name each kind',
      '- {kinds: ["Event*"]}',
      '- {kinds: [Event, EventList]}',
    ),
    key(
      'resource.exclusions',
      'is not a valid glob: "[b-a]"; correct it',
      '- {apiGroups: ["[b-a]"]}',
      '- {apiGroups: ["[a-b]"]}',
    ),
    [
      'is not a known key and has no effect; check its spelling',
      { 'argocd-cm': { 'resource.exclusion': '- {kinds: [Event]}' } },
      { 'argocd-cm': { 'resource.exclusions': '- {kinds: [Event]}' } },
    ],
    ...['0', '90', '10m'].map(
      (helped): Followed<SettingsWords> => [
        'must be a number of seconds, 0 for no limit; change it',
        { 'argocd-cmd-params-cm': { 'controller.sync.timeout.seconds': 'ten' } },
        { 'argocd-cmd-params-cm': { 'controller.sync.timeout.seconds': helped } },
      ],
    ),
    ...['users.session.duration', 'keelson.session.limit'].flatMap((name) =>
      ['1m', '12h', '8760h'].map((helped) =>
        key(name, 'must be a duration from 1m to 8760h, such as 24h; change it', '30s', helped),
      ),
    ),
    ...['180s', '3m', '90'].map((helped) =>
      key(
        'timeout.reconciliation',
        'must be a duration such as 180s or 3m, or a number of seconds; change it',
        'often',
        helped,
      ),
    ),
    ...['https://keelson.example.com', 'http://keelson.example.com'].flatMap((helped) => [
      key('url', 'must be an address that begins with https:// or http://; change it', 'keelson', helped),
      key(
        'additionalUrls',
        'must be a list of addresses that begin with https:// or http://; change it',
        '- keelson',
        `- ${helped}`,
      ),
    ]),
    ...['10', '0'].map((helped) =>
      param(
        'reposerver.parallelism.limit',
        'must be a whole number, 0 for no limit; change it',
        'many',
        helped,
      ),
    ),
    ...['10M', '64Mi'].map((helped) =>
      param(
        'reposerver.max.combined.directory.manifests.size',
        'must be a size such as 10M or 64Mi; change it',
        'large',
        helped,
      ),
    ),
    ...['debug', 'info', 'warn', 'error'].map((helped) =>
      param('server.log.level', 'must be one of debug, info, warn, error; change it', 'loud', helped),
    ),
    ...['json', 'text'].map((helped) =>
      param('server.log.format', 'must be json or text; change it', 'xml', helped),
    ),
    ...['true', 'false'].map((word) => key('helm.enable', 'must be true or false; change it', 'yes', word)),
    key(
      'kustomize.path.v4',
      'is "bin/kustomize"; set it to the absolute path of the program on the workers',
      'bin/kustomize',
      '/bin/kustomize',
    ),
    [
      'is for a version without program; set kustomize.path.v4 too',
      { 'argocd-cm': { 'kustomize.buildOptions.v4': '--enable-helm' } },
      {
        'argocd-cm': { 'kustomize.buildOptions.v4': '--enable-helm', 'kustomize.path.v4': '/bin/kustomize' },
      },
    ],
    key(
      'helm.valuesFileSchemes',
      "names s3, which can't be fetched; only https and http can, leave the others out",
      'https, s3',
      'https',
    ),
  ]);
});

/** Rows of one kind in the map of customizations. */
const custom = (says: string, fault: string, helped: string): Followed<SettingsWords> =>
  key(customized, says, fault, helped);

describe('a customization', () => {
  followEach(problemsOfWords, [
    custom(
      'names no kind by "a/b/c"; write group/Kind, or Kind alone for the core group',
      'a/b/c: {}',
      'a/B: {}',
    ),
    custom(
      'names no kind by "a/b/c"; write group/Kind, or Kind alone for the core group',
      'a/b/c: {}',
      'Pod: {}',
    ),
    custom('names "[b-a]/B", which is no valid glob; correct it', '"[b-a]/B": {}', '"[a-b]/B": {}'),
    custom('is not known here; write one of', 'a/B: {health: x}', 'a/B: {health.lua: return nil}'),
    custom(
      'has "spec/a", which is no JSON pointer; start it with /',
      'a/B: {ignoreDifferences: {jsonPointers: [spec/a]}}',
      'a/B: {ignoreDifferences: {jsonPointers: [/spec/a]}}',
    ),
    custom(
      'defines action go twice; remove one',
      'a/B: {actions: {definitions: [{name: go, action.lua: return obj}, {name: go, action.lua: return obj}]}}',
      'a/B: {actions: {definitions: [{name: go, action.lua: return obj}]}}',
    ),
    [
      'has an unknown type "healthy"; write one of',
      { 'argocd-cm': { 'resource.customizations.healthy.a_B': 'return {}' } },
      { 'argocd-cm': { 'resource.customizations.health.a_B': 'return {}' } },
    ],
    [
      'names no kind by "a_b_c"; write group_Kind, or Kind alone for the core group',
      { 'argocd-cm': { 'resource.customizations.health.a_b_c': 'return {}' } },
      { 'argocd-cm': { 'resource.customizations.health.a_B': 'return {}' } },
    ],
  ]);
});

const file = (spec: string, metadata = 'name: p', kind = 'ConfigManagementPlugin') =>
  `kind: ${kind}\nmetadata: {${metadata}}\nspec: {${spec}}\n`;
const generate = 'generate: {command: [sh]}';
const plugins = (one: string, other: string): SettingsWords => ({
  'argocd-cmp-cm': { 'a.yaml': one, 'b.yaml': other },
});

describe('what stands behind the end of a setting', () => {
  const text = '- {kinds: [Event]}\n';
  followEach(problemsOfWords, [
    key(
      'resource.exclusions',
      'line 3: stands behind the end of the document and has no effect; remove it',
      `${text}...\n- {kinds: [Lease]}\n`,
      text,
    ),
  ]);
});

describe('a size of webhook deliveries', () => {
  const says = 'must be a whole number of megabytes from 1 to 64; change it';
  followEach(problemsOfWords, [
    key('webhook.maxPayloadSizeMB', says, '5.5', '1'),
    key('webhook.maxPayloadSizeMB', says, '65', '64'),
  ]);
});

describe('a time for which something is kept', () => {
  const times = (says: string, fault: string, helped: string) =>
    key('keelson.retention', says, fault, helped);
  const kept =
    'is nothing that is kept; write one of operations, details, audit, changes, deliveries, content, workflows';
  followEach(problemsOfWords, [
    ...Object.keys(defaultRetention).map((name) => times(kept, 'events: 24h', `${name}: 24h`)),
    times('must be a duration such as 24h or 90m; change it', 'audit: long', 'audit: 24h'),
    times('must be a duration such as 24h or 90m; change it', 'audit: long', 'audit: 90m'),
    times('must be at least 5m; change it', 'audit: 10s', 'audit: 5m'),
    times('must be at least 5m, or 0 for no end; change it', 'operations: 10s', 'operations: 5m'),
    times('must be at least 5m, or 0 for no end; change it', 'operations: 10s', 'operations: 0'),
  ]);
});

describe('a plugin of the settings', () => {
  const names = 'names its plugin p, as another key does; change name or version of one';
  followEach(problemsOfWords, [
    [names, plugins(file(generate), file(generate)), plugins(file(generate), file(generate, 'name: q'))],
    [
      names,
      plugins(file(generate), file(generate)),
      plugins(file(generate), file(`${generate}, version: v2`)),
    ],
  ]);
});

function problemsOfPlugin(text: string): string[] {
  const said: string[] = [];
  readPluginFile(text, (message, place) => said.push(place ? `${place}: ${message}` : message));
  return said;
}

describe('a plugin file', () => {
  const annotations = (words: string) => `name: p, annotations: {${words}}`;
  followEach(problemsOfPlugin, [
    ['kind: must be ConfigManagementPlugin; change it', file(generate, 'name: p', 'Plugin'), file(generate)],
    [
      'makes the name "p/q"; use letters, digits, dots, underscores and hyphens for name and version',
      file(generate, 'name: p/q'),
      file(generate, 'name: p_q-1.0'),
    ],
    [
      'is empty; set it to the program that prints the manifests',
      file('generate: {command: []}'),
      file(generate),
    ],
    [
      'are there without a command; add the program as command',
      file(`${generate}, init: {args: [a]}`),
      file(`${generate}, init: {command: [sh], args: [a]}`),
    ],
    [
      'must be "true" or "false"; change it',
      file(generate, annotations('keelson.dev/network: "yes"')),
      file(generate, annotations('keelson.dev/network: "true"')),
    ],
    [
      'names "A-B", which is no name of a variable; correct it',
      file(generate, annotations('keelson.dev/env: A-B')),
      file(generate, annotations('keelson.dev/env: A_B')),
    ],
  ]);
});

const configMap = (data: string, name = 'argocd-cm') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: ${data}\n`;

describe('a file of settings', () => {
  followEach(
    (text) => problemsOf(() => readSettingsFile(text, 'a.yaml')),
    [
      [
        'a.yaml: ConfigMap argocd-cm stands in it twice; remove one',
        `${configMap('{}')}---\n${configMap('{}')}`,
        configMap('{}'),
      ],
      [
        'a.yaml: holds no ConfigMap named argocd-cm or argocd-cmd-params-cm or argocd-cmp-cm or argocd-rbac-cm; give the manifest that has it',
        configMap('{}', 'other'),
        configMap('{}'),
      ],
      ['a must be a text; put it in quotes or after a |', configMap('{a: true}'), configMap('{a: "true"}')],
      [
        'a must be a text; put it in quotes or after a |',
        configMap('\n  a:\n    - b'),
        configMap('\n  a: |\n    - b'),
      ],
    ],
  );
});

describe('a value that is not shown', () => {
  followEach(
    (value) => {
      const said: string[] = [];
      restoreHidden({ 'argocd-cm': { 'oidc.config': value } }, {}, () => (message) => said.push(message));
      return said;
    },
    [['is hidden here and not set; give its value', '(hidden)', 'name: sso']],
  );
});
