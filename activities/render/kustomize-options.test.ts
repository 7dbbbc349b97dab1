import { describe, expect, it } from 'vitest';
import type { KustomizeSource } from '../../core/application/source-spec.ts';
import { applyKustomizeOptions, hasKustomizeOptions, parseImage } from './kustomize-options.ts';

const variables = { ARGOCD_APP_REVISION_SHORT: 'abc1234' };
const apply = (content: Record<string, unknown>, options: KustomizeSource) =>
  applyKustomizeOptions(content, options, variables);

describe('activities/render/kustomize-options', () => {
  it.each([
    [
      'nginx=registry.local:5000/nginx:1.2',
      { name: 'nginx', newName: 'registry.local:5000/nginx', newTag: '1.2' },
    ],
    ['nginx=mirror/nginx', { name: 'nginx', newName: 'mirror/nginx' }],
    ['nginx=mirror/nginx@sha256:abc', { name: 'nginx', newName: 'mirror/nginx', digest: 'sha256:abc' }],
    ['nginx:1.3', { name: 'nginx', newTag: '1.3' }],
    ['host:5000/nginx:1.3', { name: 'host:5000/nginx', newTag: '1.3' }],
    ['nginx@sha256:abc', { name: 'nginx', digest: 'sha256:abc' }],
    ['nginx=*:1.3', { name: 'nginx', newName: '*', newTag: '1.3' }],
  ])('reads image %s', (text, expected) => {
    expect(parseImage(text)).toEqual(expected);
  });

  it.each(['nginx', 'host:5000/nginx', 'a=b=c', ''])('refuses image %j', (text) => {
    expect(() => parseImage(text)).toThrow(/is not valid; write name=new:tag/);
  });

  it('replaces prefix, suffix and namespace instead of adding to them', () => {
    const content = { namePrefix: 'old-', nameSuffix: '-old', namespace: 'old', resources: ['a'] };
    const options = { namePrefix: 'new-', nameSuffix: '-new', namespace: 'new' };
    expect(apply(content, options)).toEqual({ ...options, resources: ['a'] });
  });

  it('replaces the image of the same name, keeps others, and sorts them', () => {
    const content = {
      images: [
        { name: 'redis', newTag: '7' },
        { name: 'nginx', newName: 'mirror/nginx' },
      ],
    };
    expect(apply(content, { images: ['nginx:$ARGOCD_APP_REVISION_SHORT', 'app=x/app'] })['images']).toEqual([
      { name: 'app', newName: 'x/app' },
      { name: 'nginx', newTag: 'abc1234' },
      { name: 'redis', newTag: '7' },
    ]);
  });

  it('keeps what an image had where the option says *', () => {
    const content = { images: [{ name: 'nginx', newName: 'mirror/nginx', newTag: '1' }] };
    expect(apply(content, { images: ['nginx=*:2'] })['images']).toEqual([
      { name: 'nginx', newName: 'mirror/nginx', newTag: '2' },
    ]);
    expect(apply({}, { images: ['nginx=*:2'] })['images']).toEqual([{ name: 'nginx', newTag: '2' }]);
  });

  it('replaces replicas by name and reads counts written as text', () => {
    const content = {
      replicas: [
        { name: 'web', count: 1 },
        { name: 'db', count: 1 },
      ],
    };
    expect(apply(content, { replicas: [{ name: 'web', count: '3' }] })['replicas']).toEqual([
      { name: 'db', count: 1 },
      { name: 'web', count: 3 },
    ]);
    expect(() => apply({}, { replicas: [{ name: 'web', count: 'many' }] })).toThrow(/'many' is not a count/);
  });

  it('adds labels to selectors unless told not to', () => {
    const commonLabels = { team: 'web' };
    expect(apply({}, { commonLabels })).toEqual({ commonLabels });
    expect(apply({}, { commonLabels, labelWithoutSelector: true })['labels']).toEqual([
      { pairs: commonLabels, includeSelectors: false, includeTemplates: false },
    ]);
  });

  it('extends the labels entry of the same kind', () => {
    const labels = [
      { pairs: { a: '1' }, includeSelectors: true },
      { pairs: { b: '2' }, includeTemplates: true },
    ];
    const options = { commonLabels: { c: '3' }, labelWithoutSelector: true, labelIncludeTemplates: true };
    expect(apply({ labels }, options)['labels']).toEqual([
      labels[0],
      { pairs: { b: '2', c: '3' }, includeSelectors: false, includeTemplates: true },
    ]);
  });

  it('overwrites a label or annotation only when forced', () => {
    const content = { commonLabels: { team: 'old' }, commonAnnotations: { owner: 'old' } };
    expect(() => apply(content, { commonLabels: { team: 'new' } })).toThrow(/set forceCommonLabels/);
    expect(() => apply(content, { commonAnnotations: { owner: 'new' } })).toThrow(
      /set forceCommonAnnotations/,
    );
    expect(
      apply(content, {
        commonLabels: { team: 'new' },
        forceCommonLabels: true,
        commonAnnotations: { owner: 'new' },
        forceCommonAnnotations: true,
      }),
    ).toEqual({ commonLabels: { team: 'new' }, commonAnnotations: { owner: 'new' } });
  });

  it('substitutes variables in labels always and in annotations when asked', () => {
    const text = 'rev-$ARGOCD_APP_REVISION_SHORT';
    const given = { commonLabels: { a: text }, commonAnnotations: { a: text } };
    expect(apply({}, given)).toEqual({ commonLabels: { a: 'rev-abc1234' }, commonAnnotations: { a: text } });
    expect(apply({}, { ...given, commonAnnotationsEnvsubst: true })['commonAnnotations']).toEqual({
      a: 'rev-abc1234',
    });
  });

  it('appends patches and components', () => {
    const content = { patches: [{ path: 'a.yaml' }], components: ['x'] };
    const options = { patches: [{ patch: '- op: remove', target: { kind: 'Job' } }], components: ['y'] };
    expect(apply(content, options)).toEqual({
      patches: [{ path: 'a.yaml' }, { patch: '- op: remove', target: { kind: 'Job' } }],
      components: ['x', 'y'],
    });
  });

  it('knows whether there is anything to change', () => {
    expect(hasKustomizeOptions({})).toBe(false);
    expect(hasKustomizeOptions({ version: 'v5', namePrefix: '' })).toBe(false);
    expect(hasKustomizeOptions({ namePrefix: 'a-' })).toBe(true);
  });
});
