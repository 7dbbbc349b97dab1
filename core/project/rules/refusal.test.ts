import { describe, expect, it } from 'vitest';
import { formatIssue } from '../../issue.ts';
import type { EffectiveProject } from '../effective.ts';
import type { ProjectSpec } from '../project.ts';
import { objectRefusal, projectIssues, sourceIssues } from './refusal.ts';

const cluster = { server: 'https://prod', name: 'prod' };
const projectOf = (spec: ProjectSpec): EffectiveProject => ({
  usable: true,
  clusters: [],
  project: { apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata: { name: 'team' }, spec },
});
const open: ProjectSpec = { sourceRepos: ['*'], destinations: [{ server: '*', namespace: 'shop' }] };
const gone: EffectiveProject = { usable: false, reason: 'missing', message: 'no project' };
const sources = [{ repoURL: 'https://a.example.com/x' }, { repoURL: 'https://b.example.com/y' }];
const application = {
  namespace: 'argocd',
  spec: { project: 'team', sources, destination: { server: 'https://prod', namespace: 'shop' } },
};

const issues = (project: EffectiveProject, change: object = {}, at: typeof cluster | undefined = cluster) =>
  projectIssues({ project, cluster: at }, { ...application, ...change }, 'argocd').map(formatIssue);

describe('what a project has against an application', () => {
  it('is nothing where everything is permitted', () => {
    expect(issues(projectOf(open))).toEqual([]);
  });

  it('is each source, the destination and the namespace, by field and rule', () => {
    const spec = { sourceRepos: ['https://a.example.com/*'], destinations: [] };
    expect(issues(projectOf(spec), { namespace: 'elsewhere' })).toEqual([
      "spec.sources[1].repoURL: application repo https://b.example.com/y is not permitted in project 'team' (spec.sourceRepos)",
      "spec.destination: application destination server 'https://prod' and namespace 'shop' do not match any of the allowed destinations in project 'team' (spec.destinations)",
      "metadata.namespace: application in namespace 'elsewhere' is not permitted to use project 'team' (spec.sourceNamespaces)",
    ]);
    const { sources: _, ...rest } = application.spec;
    const single = { spec: { ...rest, source: { repoURL: 'https://b.example.com/y' } } };
    expect(issues(projectOf({ ...open, sourceRepos: [] }), single)).toEqual([
      expect.stringMatching(/^spec\.source\.repoURL: /),
    ]);
  });

  it('is the project alone where nobody can go by it', () => {
    expect(issues(gone, { namespace: 'elsewhere' })).toEqual(['spec.project: no project']);
    expect(sourceIssues(gone, application.spec)).toEqual([{ path: 'spec.project', message: 'no project' }]);
  });

  it('leaves a destination open that means no cluster', () => {
    const unknown = { ...application, namespace: 'argocd' };
    const ground = { project: projectOf({ ...open, destinations: [] }), cluster: undefined };
    expect(projectIssues(ground, unknown, 'argocd')).toEqual([]);
  });
});

describe('what a project keeps its applications from', () => {
  const key = (kind: string, namespace: string) => ({ group: '', kind, namespace, name: 'a' });
  it('is kinds and namespaces that it does not permit, with the rule', () => {
    const spec = { ...open, namespaceResourceBlacklist: [{ group: '', kind: 'Secret' }] };
    const refusalOf = objectRefusal({ project: projectOf(spec), cluster });
    expect(
      [key('ConfigMap', 'shop'), key('Secret', 'shop'), key('ConfigMap', 'a'), key('Node', '')].map(
        refusalOf,
      ),
    ).toEqual([
      undefined,
      'resource :Secret is not permitted in project team (spec.namespaceResourceBlacklist[0])',
      "namespace a is not permitted in project 'team' (spec.destinations)",
      'resource :Node is not permitted in project team (spec.clusterResourceWhitelist)',
    ]);
  });

  it('is everything where there is no project or no cluster', () => {
    expect(objectRefusal({ project: gone, cluster })(key('ConfigMap', 'shop'))).toBe('no project');
    const nowhere = objectRefusal({ project: projectOf(open), cluster: undefined });
    expect(nowhere(key('ConfigMap', 'shop'))).toContain('namespace shop is not permitted');
  });
});
