import { describe, expect, it } from 'vitest';
import type { EffectiveProject } from '../effective.ts';
import { writerOf, writersFor } from './writer.ts';

const cluster = { server: 'https://prod', name: 'prod' };
const application = {
  namespace: 'argocd',
  spec: { project: 'team', destination: { name: 'prod', namespace: 'shop' } },
};
const entry = { server: 'https://prod', namespace: 'shop', defaultServiceAccount: 'deployer' };
const team = (destinationServiceAccounts: readonly (typeof entry)[]): EffectiveProject => ({
  usable: true,
  clusters: [],
  project: {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name: 'team' },
    spec: { destinationServiceAccounts: [...destinationServiceAccounts] },
  },
});
const gone: EffectiveProject = { usable: false, reason: 'missing', message: 'no project' };
const writer = (project: EffectiveProject, impersonation = true, impersonationEnforced = true) =>
  writerOf({ impersonation, impersonationEnforced }, { project, cluster }, application);

describe('whom objects of an application are written as', () => {
  it('is the installation unless accounts are demanded', () => {
    expect(writer(team([]), false)).toEqual({ account: undefined });
  });

  it('is the account that the project names for the cluster, by whatever name the destination has it', () => {
    expect(writer(team([entry]))).toEqual({ account: 'system:serviceaccount:shop:deployer' });
  });

  it('is the installation where accounts are only offered and the project names none', () => {
    expect(writer(team([]), true, false)).toEqual({ account: undefined });
    expect(writer(team([entry]), true, false)).toEqual({ account: 'system:serviceaccount:shop:deployer' });
    expect(writer(team([{ ...entry, defaultServiceAccount: 'a*' }]), true, false)).toEqual({
      refusal: expect.stringContaining('has "a*" as service account'),
    });
    expect(writer(gone, true, false)).toEqual({ refusal: 'no project' });
  });

  it('is nobody where the project names none, or is not there', () => {
    expect(writer(team([{ ...entry, server: 'https://dev' }]))).toEqual({
      refusal: expect.stringContaining('has no service account for server https://prod and namespace "shop"'),
    });
    expect(writer(gone)).toEqual({ refusal: 'no project' });
  });
});

describe('whom a sync writes objects as', () => {
  const open = {
    sourceRepos: ['*'],
    destinations: [{ server: '*', namespace: '*' }],
    sourceNamespaces: ['team-a'],
  };
  const as = (
    change: object,
    {
      spec = {},
      namespaces = ['team-*'],
      purpose = 'sync',
    }: { spec?: object; namespaces?: string[]; purpose?: keyof typeof writersFor } = {},
  ) => {
    const project = team([entry]);
    if (!project.usable) throw new Error('project can not be used');
    const source = { repoURL: 'https://a.example.com/x' };
    return writersFor[purpose](
      { impersonation: true, impersonationEnforced: true, applicationNamespaces: namespaces },
      'argocd',
      {
        project: {
          ...project,
          project: { ...project.project, spec: { ...project.project.spec, ...open, ...spec } },
        },
        cluster,
      },
      { ...application, spec: { ...application.spec, source }, ...change },
    );
  };

  it('is the account of the project where nothing is against the application', () => {
    expect(as({})).toEqual({ account: 'system:serviceaccount:shop:deployer' });
    expect(as({ namespace: 'team-a' })).toEqual({ account: 'system:serviceaccount:shop:deployer' });
  });

  it('is nobody where the settings or the project are against it, with all that they say', () => {
    expect(as({ namespace: 'team-a' }, { namespaces: [] })).toEqual({
      refusal: 'namespace "team-a" is not permitted for applications',
    });
    expect(as({ namespace: 'team-b' })).toEqual({
      refusal: expect.stringContaining(
        "'team-b' is not permitted to use project 'team' (spec.sourceNamespaces)",
      ),
    });
    expect(as({ namespace: 'team-b' }, { spec: { sourceRepos: [] }, namespaces: [] })).toEqual({
      refusal: expect.stringMatching(/^namespace "team-b" .*; application repo .*; application in namespace/),
    });
  });

  it('is asked of an action and a deletion as far as it can be', () => {
    const away = { spec: { sourceRepos: [] }, purpose: 'action' } as const;
    const account = { account: 'system:serviceaccount:shop:deployer' };
    expect(as({ namespace: 'team-a' }, away)).toEqual(account);
    expect(as({ namespace: 'team-b' }, away)).toEqual({
      refusal: expect.stringContaining('spec.sourceNamespaces'),
    });
    expect(as({ namespace: 'team-a' }, { ...away, namespaces: [] })).toEqual({
      refusal: 'namespace "team-a" is not permitted for applications',
    });
    expect(as({ namespace: 'team-b' }, { namespaces: [], purpose: 'deletion' })).toEqual(account);
  });
});
