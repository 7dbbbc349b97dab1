import { describe, expect, it } from 'vitest';
import { hasKustomizeOptions, insertPatches, kustomizeEdits, markPatches } from './kustomize-edits.ts';

const variables = { ARGOCD_APP_REVISION_SHORT: 'abc1234' };

describe('activities/render/kustomize-edits', () => {
  it('edits in the order of the reference, whatever order the options have', () => {
    const edits = kustomizeEdits(
      {
        namespace: 'there',
        commonAnnotations: { note: 'a,"b"' },
        commonLabels: { team: '$ARGOCD_APP_REVISION_SHORT' },
        replicas: [{ name: 'web', count: '3' }],
        images: ['nginx:$ARGOCD_APP_REVISION_SHORT', 'app=x/app:1@sha256:aa'],
        nameSuffix: '-s',
        namePrefix: '-p-',
      },
      variables,
    );
    expect(edits).toEqual([
      ['set', 'nameprefix', '--', '-p-'],
      ['set', 'namesuffix', '--', '-s'],
      ['set', 'image', '--', 'nginx:abc1234', 'app=x/app:1@sha256:aa'],
      ['set', 'replicas', '--', 'web=3'],
      ['add', 'label', '--', 'team:"abc1234"'],
      ['add', 'annotation', '--', 'note:"a,"b""'],
      ['set', 'namespace', '--', 'there'],
    ]);
  });

  it('passes on what is said about labels and annotations', () => {
    const given = { a: '$ARGOCD_APP_REVISION_SHORT' };
    expect(
      kustomizeEdits(
        {
          ...{ commonLabels: given, forceCommonLabels: true, labelWithoutSelector: true },
          ...{ labelIncludeTemplates: true, commonAnnotations: given, forceCommonAnnotations: true },
        },
        variables,
      ),
    ).toEqual([
      ['add', 'label', '--force', '--without-selector', '--include-templates', '--', 'a:"abc1234"'],
      ['add', 'annotation', '--force', '--', 'a:"$ARGOCD_APP_REVISION_SHORT"'],
    ]);
    expect(kustomizeEdits({ commonAnnotations: given, commonAnnotationsEnvsubst: true }, variables)).toEqual([
      ['add', 'annotation', '--', 'a:"abc1234"'],
    ]);
  });

  it('makes no edit of options that are empty', () => {
    expect(kustomizeEdits({ images: [], replicas: [], commonLabels: {}, namePrefix: '' }, {})).toEqual([]);
  });

  it('refuses replicas that are no count', () => {
    const replicas = [{ name: 'web', count: 'many' }];
    expect(() => kustomizeEdits({ replicas }, {})).toThrow(/'many' is not a count; write a whole number/);
  });

  it('puts patches where their marks are, with all that they say', () => {
    const patches = [
      { patch: '- op: remove\n  path: /x\n', target: { kind: 'Job' } },
      { path: 'a.yaml', options: { allowNameChange: true } },
    ];
    const marked = markPatches(patches);
    const written = `patches:\n- path: own.yaml\n- patch: ${marked[0]?.mark}\n- patch: ${marked[1]?.mark}\nnamePrefix: x\n`;
    expect(insertPatches(written, marked)).toBe(
      `patches:\n- path: own.yaml\n- ${JSON.stringify(patches[0])}\n- ${JSON.stringify(patches[1])}\nnamePrefix: x\n`,
    );
    expect(() => insertPatches('patches: []\n', marked)).toThrow(/writes patches in a way that is not known/);
  });

  it('knows whether there is anything to change', () => {
    expect(hasKustomizeOptions({})).toBe(false);
    expect(hasKustomizeOptions({ version: 'v5', namePrefix: '' })).toBe(false);
    expect(hasKustomizeOptions({ namePrefix: 'a-' })).toBe(true);
  });
});
