import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { hookDeletePolicies, hookName, hookPhases, hookTypesOf, isHook, isSkipHook } from './hook.ts';

function job(annotations: Record<string, string>, metadata: object = { name: 'job' }): Manifest {
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { ...metadata, annotations } };
}

const hook = 'argocd.argoproj.io/hook';
const helm = 'helm.sh/hook';

describe('core/sync/hook', () => {
  it.each<[string, Record<string, string>, boolean, readonly string[]]>([
    ['no annotation', {}, false, []],
    ['PreSync', { [hook]: 'PreSync' }, true, ['PreSync']],
    ['several phases in any order', { [hook]: 'PostSync, PreSync,PreSync' }, true, ['PreSync', 'PostSync']],
    ['SyncFail', { [hook]: 'SyncFail' }, true, ['SyncFail']],
    ['Skip alone', { [hook]: 'Skip' }, false, []],
    ['Skip beside a phase', { [hook]: 'Skip,Sync' }, true, ['Sync']],
    ['a deletion hook', { [hook]: 'PostDelete' }, true, []],
    ['an unknown word', { [hook]: 'presync' }, true, []],
    ['an empty word', { [hook]: '' }, true, []],
    ['Helm pre-install', { [helm]: 'pre-install,pre-upgrade' }, true, ['PreSync']],
    ['Helm post-upgrade', { [helm]: 'post-upgrade' }, true, ['PostSync']],
    ['a Helm test', { [helm]: 'test' }, true, []],
    ['a Helm CRD', { [helm]: 'crd-install' }, false, []],
    ['both, where ours count', { [hook]: 'Sync', [helm]: 'pre-install' }, true, ['Sync']],
    ['an unknown word of ours beside Helm', { [hook]: 'x', [helm]: 'pre-install' }, true, ['PreSync']],
  ])('reads %s', (_name, annotations, expected, phases) => {
    expect(isHook(job(annotations))).toBe(expected);
    expect(hookPhases(job(annotations))).toEqual(phases);
  });

  it('knows deletion hooks and skipped objects', () => {
    expect(hookTypesOf(job({ [helm]: 'pre-delete' }))).toEqual(['PreDelete']);
    expect(isSkipHook(job({ [hook]: 'Skip' }))).toBe(true);
    expect(isSkipHook(job({ [hook]: 'Skip,Sync' }))).toBe(false);
  });

  it.each<[string, Record<string, string>, readonly string[]]>([
    ['nothing', {}, ['BeforeHookCreation']],
    ['an unknown word', { [`${hook}-delete-policy`]: 'Never' }, ['BeforeHookCreation']],
    [
      'several words',
      { [`${hook}-delete-policy`]: 'HookFailed,HookSucceeded' },
      ['HookSucceeded', 'HookFailed'],
    ],
    [
      'Helm words beside ours',
      { [`${hook}-delete-policy`]: 'HookFailed', [`${helm}-delete-policy`]: 'hook-succeeded' },
      ['HookSucceeded', 'HookFailed'],
    ],
    ['Helm words alone', { [`${helm}-delete-policy`]: 'before-hook-creation' }, ['BeforeHookCreation']],
  ])('reads delete policies from %s', (_name, annotations, policies) => {
    expect(hookDeletePolicies(job(annotations))).toEqual(policies);
  });

  it.each([
    ['0123456789abcdef', 'db-0123456-presync-1700000000'],
    ['1.2.3', 'db-1.2.3-presync-1700000000'],
    ['1.2+x', 'db-1.2-x-presync-1700000000'],
  ])('names a generated hook after revision %s, phase and start', (revision, name) => {
    const parts = { phase: 'PreSync', revision, startedAtUnix: 1700000000 } as const;
    expect(hookName(job({}, { generateName: 'db-' }), parts)).toBe(name);
    expect(hookName(job({}, { name: 'own', generateName: 'db-' }), parts)).toBe('own');
  });
});
