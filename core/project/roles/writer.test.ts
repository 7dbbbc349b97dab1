import { describe, expect, it } from 'vitest';
import type { EffectiveProject } from '../effective.ts';
import { writerOf } from './writer.ts';

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
const writer = (project: EffectiveProject, impersonation = true) =>
  writerOf({ impersonation }, { project, cluster }, application);

describe('whom objects of an application are written as', () => {
  it('is the installation unless accounts are demanded', () => {
    expect(writer(team([]), false)).toEqual({ account: undefined });
  });

  it('is the account that the project names for the cluster, by whatever name the destination has it', () => {
    expect(writer(team([entry]))).toEqual({ account: 'system:serviceaccount:shop:deployer' });
  });

  it('is nobody where the project names none, or is not there', () => {
    expect(writer(team([{ ...entry, server: 'https://dev' }]))).toEqual({
      refusal: expect.stringContaining('has no service account for server https://prod and namespace "shop"'),
    });
    expect(writer(gone)).toEqual({ refusal: 'no project' });
  });
});
