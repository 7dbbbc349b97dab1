import { listClusters, listProjects, listRepositories } from '../../api.ts';
import { Choice, Field, Toggle } from '../../components/field.tsx';
import { useLoad } from '../../state/use-load.ts';
import type { Draft } from './draft.ts';

type FormProps = {
  readonly draft: Draft;
  readonly errors: Partial<Record<keyof Draft, string>>;
  readonly onChange: (draft: Draft) => void;
};

/** The fields of a new application in three blocks: what, from where, to where. */
export function ApplicationForm({ draft, errors, onChange }: FormProps) {
  const projects = useLoad('projects', listProjects).value?.items ?? [];
  const repositories = useLoad('repositories', listRepositories).value?.items ?? [];
  const clusters = useLoad('clusters', listClusters).value?.items ?? [];
  const set = (change: Partial<Draft>) => onChange({ ...draft, ...change });
  const chart = draft.sourceKind === 'chart';
  return (
    <>
      <section className="form-block">
        <h3>General</h3>
        <div className="form-row">
          <Field
            label="Name"
            value={draft.name}
            error={errors.name}
            placeholder="guestbook"
            autoFocus
            onChange={(name) => set({ name })}
          />
          <Field
            label="Project"
            value={draft.project}
            error={errors.project}
            suggestions={projects.map((project) => project.metadata.name)}
            onChange={(project) => set({ project })}
          />
        </div>
        <SyncPolicy draft={draft} set={set} />
      </section>
      <section className="form-block">
        <h3>Source</h3>
        <Field
          label="Repository URL"
          value={draft.repoURL}
          error={errors.repoURL}
          placeholder="https://git.example.com/team/deploy.git"
          suggestions={repositories.map((repository) => repository.repo)}
          onChange={(repoURL) => set({ repoURL })}
        />
        <Choice
          label="Kind of source"
          value={draft.sourceKind}
          options={[
            { value: 'path', text: 'Folder in Git' },
            { value: 'chart', text: 'Helm chart' },
          ]}
          onChange={(sourceKind) => set({ sourceKind })}
        />
        <div className="form-row">
          <Field
            label={chart ? 'Chart' : 'Path'}
            value={draft.place}
            error={errors.place}
            placeholder={chart ? 'redis' : 'guestbook'}
            hint={chart ? 'Name of the chart in its repository' : 'Use . for the root of the repository'}
            onChange={(place) => set({ place })}
          />
          <Field
            label={chart ? 'Version' : 'Revision'}
            value={draft.targetRevision}
            error={errors.targetRevision}
            hint={chart ? 'Exact, or a range such as 1.x' : 'Branch, tag or commit'}
            onChange={(targetRevision) => set({ targetRevision })}
          />
        </div>
      </section>
      <section className="form-block">
        <h3>Destination</h3>
        <div className="form-row">
          <Field
            label="Cluster"
            value={draft.cluster}
            error={errors.cluster}
            hint="Its name or the URL of its server"
            suggestions={clusters.flatMap((cluster) => [cluster.server, cluster.name ?? []].flat())}
            onChange={(cluster) => set({ cluster })}
          />
          <Field
            label="Namespace"
            value={draft.namespace}
            error={errors.namespace}
            placeholder="guestbook"
            hint="For objects that name none"
            onChange={(namespace) => set({ namespace })}
          />
        </div>
        <Toggle
          label="Create the namespace when it is missing"
          checked={draft.createNamespace}
          onChange={(createNamespace) => set({ createNamespace })}
        />
      </section>
    </>
  );
}

type SyncPolicyProps = { readonly draft: Draft; readonly set: (change: Partial<Draft>) => void };

function SyncPolicy({ draft, set }: SyncPolicyProps) {
  return (
    <>
      <Choice
        label="Sync"
        value={draft.automated ? 'automatic' : 'manual'}
        options={[
          { value: 'manual', text: 'Manual' },
          { value: 'automatic', text: 'Automatic' },
        ]}
        onChange={(value) => set({ automated: value === 'automatic' })}
      />
      {draft.automated ? (
        <div className="form-toggles">
          <Toggle
            label="Prune"
            hint="Delete objects that left Git"
            checked={draft.prune}
            onChange={(prune) => set({ prune })}
          />
          <Toggle
            label="Self-heal"
            hint="Undo changes made in the cluster"
            checked={draft.selfHeal}
            onChange={(selfHeal) => set({ selfHeal })}
          />
        </div>
      ) : null}
      <Toggle
        label="Delete the deployed objects together with the application"
        checked={draft.deleteResources}
        onChange={(deleteResources) => set({ deleteResources })}
      />
    </>
  );
}
