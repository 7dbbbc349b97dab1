import { describe, expect, it } from 'vitest';
import { overrideFiles, overrideSource } from './source-overrides.ts';
import type { ApplicationSource } from './source-spec.ts';

const source: ApplicationSource = {
  repoURL: 'https://host/r',
  path: 'app',
  targetRevision: 'main',
  helm: { releaseName: 'web', valueFiles: ['a.yaml'] },
};

describe('core/application/source-overrides', () => {
  it('names the file of all applications before that of one', () => {
    expect(overrideFiles('team_web')).toEqual(['.argocd-source.yaml', '.argocd-source-team_web.yaml']);
  });

  it.each<[string, string, ApplicationSource]>([
    ['merges maps', 'helm: { version: v3 }', { ...source, helm: { ...source.helm, version: 'v3' } }],
    [
      'replaces lists',
      'helm: { valueFiles: [b.yaml] }',
      { ...source, helm: { releaseName: 'web', valueFiles: ['b.yaml'] } },
    ],
    ['removes by null', 'helm: null', { repoURL: 'https://host/r', path: 'app', targetRevision: 'main' }],
    ['changes nothing when empty', '', source],
    [
      'keeps where it is read from',
      'repoURL: x\npath: y\ntargetRevision: z\nchart: c\nref: r\nname: n\ntagPrefix: t',
      source,
    ],
    ['keeps what a merge patch could lose', 'targetRevision: null\npath: null', source],
  ])('%s', (_, text, expected) => {
    expect(overrideSource(source, 'f', text)).toEqual({ source: expected });
  });

  it('says from which line on the reference reads no more of a file', () => {
    const text = 'kustomize: {namePrefix: a-}\n...\nkustomize: {namePrefix: b-}\n';
    expect(overrideSource(source, 'f', text)).toMatchObject({
      source: { kustomize: { namePrefix: 'a-' } },
      passedOver: 3,
    });
  });

  it.each([
    ['helm: [', 'f:1: is not valid YAML'],
    ['a: &x [*x]', 'f:1: an anchor contains itself'],
    ['words', 'f: is no map of fields'],
    ['helm: { valueFiles: one }', 'f: helm.valueFiles: must be a list'],
    ['helm: { skipCrds: "yes" }', 'f: helm.skipCrds: must be true or false'],
    ['helm: { valueFiles: ["a\\0b"] }', 'f: helm.valueFiles[0]: holds the character U+0000'],
    [`directory: { include: ${'x'.repeat(1025)} }`, 'f: directory.include: has 1025 characters'],
  ])('refuses %j', (text, message) => {
    expect(() => overrideSource(source, 'f', text)).toThrow(message);
  });
});
