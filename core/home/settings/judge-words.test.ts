import { describe, expect, it } from 'vitest';
import type { SettingsWords } from '../../settings/words/problem.ts';
import { judgeWords, type WantedWords } from './judge-words.ts';
import type { ManagedKind } from './ownership-change.ts';

const cluster = { server: 'https://kubernetes.default.svc', name: 'in-cluster' };
const managed: readonly ManagedKind[] = [
  { cluster, group: 'apps', kind: 'Deployment', count: 3 },
  { cluster, group: '', kind: 'Secret', count: 1 },
];
const judge = (
  current: SettingsWords,
  wanted: WantedWords['wanted'],
  asked: Partial<WantedWords> = {},
): ReturnType<typeof judgeWords> =>
  judgeWords({ name: 'argocd-cm', wanted, current, managed, accepted: false, ...asked });

const excluding = (kind: string) => `- {apiGroups: ["*"], kinds: [${kind}], clusters: ["*"]}`;

describe('words of the home cluster', () => {
  it('come into force when nothing is wrong with them', () => {
    const wanted = { 'resource.exclusions': excluding('Backup') };
    expect(judge({}, wanted)).toEqual({ words: { 'argocd-cm': wanted }, notices: [] });
  });

  it('leave a key as it was that can not be read, and follow the others', () => {
    const current = { 'argocd-cm': { 'resource.exclusions': excluding('Backup') } };
    const { words, notices } = judge(current, {
      'resource.exclusions': '- kinds: {',
      'helm.enable': 'false',
    });
    expect(words['argocd-cm']).toEqual({
      'resource.exclusions': excluding('Backup'),
      'helm.enable': 'false',
    });
    expect(notices).toMatchObject([
      {
        type: 'Unreadable',
        message: expect.stringMatching(/^resource\.exclusions: .*what it said last stays in force$/),
      },
    ]);
  });

  it('leave out a key that can not be read where there was none before', () => {
    expect(judge({}, { 'helm.enable': 'perhaps' }).words).toEqual({ 'argocd-cm': {} });
  });

  it('leave rights whole as they were', () => {
    const current = { 'argocd-rbac-cm': { 'policy.csv': 'p, ann, projects, get, *, allow' } };
    const wanted = { 'policy.csv': 'p, ann', 'policy.default': 'role:readonly' };
    const { words, notices } = judge(current, wanted, { name: 'argocd-rbac-cm' });
    expect(words).toEqual(current);
    expect(notices.map(({ type }) => type)).toEqual(['Unreadable']);
    expect(judge(current, wanted, { name: 'argocd-rbac-cm', accepted: true }).words).toEqual({
      'argocd-rbac-cm': wanted,
    });
  });

  it('stay when the object is gone, until that is accepted', () => {
    const current = { 'argocd-cm': { 'helm.enable': 'false' } };
    expect(judge(current, undefined)).toMatchObject({ words: current, notices: [{ type: 'Deleted' }] });
    expect(judge(current, undefined, { accepted: true })).toEqual({
      words: { 'argocd-cm': {} },
      notices: [],
    });
  });

  it('are held where they leave out what applications manage, with the count', () => {
    const wanted = { 'resource.exclusions': excluding('Deployment'), 'helm.enable': 'false' };
    const { words, notices } = judge({}, wanted);
    expect(words).toEqual({ 'argocd-cm': { 'helm.enable': 'false' } });
    expect(notices).toEqual([
      {
        type: 'Held',
        message:
          'resource.exclusions: 3 managed objects would be left out and neither compared nor pruned: apps/Deployment',
      },
    ]);
    expect(judge({}, wanted, { accepted: true })).toEqual({ words: { 'argocd-cm': wanted }, notices: [] });
    expect(judge({}, wanted, { managed: [] }).words).toEqual({ 'argocd-cm': wanted });
  });

  it.each<[string, Record<string, string>, Record<string, string>, string | undefined]>([
    ['another installation id', {}, { installationID: 'b' }, 'installation id ""'],
    ['an id that is taken away', { installationID: 'a' }, {}, 'installation id "a"'],
    [
      'the annotation after the label',
      { 'application.resourceTrackingMethod': 'label' },
      { 'application.resourceTrackingMethod': 'annotation' },
      'no tracking id',
    ],
    [
      'another label under the label method',
      { 'application.resourceTrackingMethod': 'label' },
      { 'application.resourceTrackingMethod': 'label', 'application.instanceLabelKey': 'example.com/app' },
      'carry the label app.kubernetes.io/instance',
    ],
    [
      'the label after the annotation',
      {},
      { 'application.resourceTrackingMethod': 'label' },
      'whose label app.kubernetes.io/instance names something else',
    ],
    [
      'another label under the annotation method',
      {},
      { 'application.instanceLabelKey': 'example.com/app' },
      undefined,
    ],
    [
      'a label beside the annotation',
      {},
      { 'application.resourceTrackingMethod': 'annotation+label' },
      undefined,
    ],
    [
      'the label alone after both',
      { 'application.resourceTrackingMethod': 'annotation+label' },
      { 'application.resourceTrackingMethod': 'label' },
      undefined,
    ],
    [
      'another id under the label method',
      { 'application.resourceTrackingMethod': 'label' },
      { 'application.resourceTrackingMethod': 'label', installationID: 'b' },
      undefined,
    ],
  ])('are held for %s as far as objects get lost', (_, before, wanted, words) => {
    const { words: now, notices } = judge({ 'argocd-cm': before }, wanted);
    expect(notices.map(({ type }) => type)).toEqual(words === undefined ? [] : ['Held']);
    if (words !== undefined) expect(notices[0]?.message).toContain(words);
    expect(now).toEqual({ 'argocd-cm': words === undefined ? wanted : before });
  });

  it('hold no inclusion back that keeps all managed kinds', () => {
    const wanted = { 'resource.inclusions': '- {apiGroups: ["apps", ""], kinds: ["*"], clusters: ["*"]}' };
    expect(judge({}, wanted).notices).toEqual([]);
    const narrow = { 'resource.inclusions': '- {apiGroups: ["apps"], kinds: ["*"], clusters: ["*"]}' };
    expect(judge({}, narrow).notices).toMatchObject([
      { type: 'Held', message: expect.stringContaining('1 managed object would be left out') },
    ]);
  });
});
