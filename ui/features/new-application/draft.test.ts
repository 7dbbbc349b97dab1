import { describe, expect, test } from 'vitest';
import { readApplication } from '../../../core/application/spec/read-application.ts';
import { applicationOf, type Draft, draftOfApplication, emptyDraft, issuesByField } from './draft.ts';

const filled: Draft = {
  ...emptyDraft,
  name: ' web ',
  repoURL: 'https://git.example/shop.git',
  place: 'web',
  namespace: 'shop',
};

describe('ui/features/new-application/draft', () => {
  test('a filled form is an application that passes every check', () => {
    const read = readApplication(applicationOf(filled));
    expect(read.issues).toBeUndefined();
    expect(read.value?.metadata.name).toBe('web');
    expect(read.value?.spec.source?.path).toBe('web');
    expect(read.value?.spec.destination).toEqual({
      server: 'https://kubernetes.default.svc',
      namespace: 'shop',
    });
  });

  test('an empty form reports its fields, each at its own place', () => {
    const { issues } = readApplication(applicationOf(emptyDraft));
    const { byField, others } = issuesByField(issues ?? []);
    expect(Object.keys(byField).sort()).toEqual(['name', 'place', 'repoURL']);
    expect(others).toEqual([]);
  });

  test('a cluster is a server when it is an address and a name otherwise', () => {
    const spec = applicationOf({ ...filled, cluster: 'production' })['spec'];
    expect(spec).toMatchObject({ destination: { name: 'production' } });
  });

  test('a chart takes the place of a path', () => {
    const spec = applicationOf({ ...filled, sourceKind: 'chart', place: 'redis' })['spec'];
    expect(spec).toMatchObject({ source: { chart: 'redis' } });
    expect(spec).not.toHaveProperty('source.path');
  });

  test('automated sync appears only when it is on', () => {
    expect(applicationOf({ ...filled, createNamespace: false })['spec']).not.toHaveProperty('syncPolicy');
    expect(applicationOf({ ...filled, automated: true, prune: true })['spec']).toMatchObject({
      syncPolicy: { automated: { prune: true, selfHeal: false }, syncOptions: ['CreateNamespace=true'] },
    });
  });

  test('text goes back into the form as long as the form has a field for all of it', () => {
    const application = readApplication(applicationOf(filled)).value;
    if (application === undefined) throw new Error('the filled form is not an application');
    expect(draftOfApplication(application)).toEqual({ ...filled, name: 'web' });
    const beyond = { ...application, spec: { ...application.spec, revisionHistoryLimit: 3 } };
    expect(draftOfApplication(beyond)).toBeUndefined();
  });

  test('an issue of no field stays with the form', () => {
    const issue = { path: 'spec.syncPolicy.retry.limit', message: 'is too large; use less' };
    expect(issuesByField([issue])).toEqual({ byField: {}, others: [issue] });
  });
});
