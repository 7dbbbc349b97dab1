import { getLiveManifest, getManagedResources } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Loading, LoadTrouble } from '../../components/notice.tsx';
import { HealthBadge, SyncBadge } from '../../components/status.tsx';
import { Ago } from '../../components/time.tsx';
import type { Resource } from '../../model/resource.ts';
import { type Loaded, useLoad } from '../../state/use-load.ts';
import { ActionList } from '../resource-actions/action-list.tsx';
import { manifestText } from './manifest-text.ts';
import { ResourceDiffView } from './resource-diff.tsx';

export type NodeTab = 'summary' | 'live' | 'diff' | 'desired';

type NodePanelProps = {
  readonly application: string;
  readonly resource: Resource;
  readonly tab: NodeTab;
  readonly onTab: (tab: NodeTab) => void;
  readonly onSync: () => void;
  readonly onClose: () => void;
};

const tabs: readonly (readonly [NodeTab, string])[] = [
  ['summary', 'Summary'],
  ['live', 'Live'],
  ['diff', 'Diff'],
  ['desired', 'Desired'],
];

/** One object: what is known about it, its live and desired manifests, and how they differ. */
export function NodePanel({ application, resource, tab, onTab, onSync, onClose }: NodePanelProps) {
  const { node } = resource;
  const managed = resource.sync !== undefined;
  return (
    <Dialog
      title={node.name}
      subtitle={`${node.group ? `${node.group}/` : ''}${node.kind}${node.namespace ? ` in ${node.namespace}` : ''}`}
      shape="sheet"
      wide
      onClose={onClose}
      footer={
        managed ? (
          <div className="foot-row">
            <span className="spread" />
            <Button icon="sync" onClick={onSync}>
              Sync this object
            </Button>
          </div>
        ) : undefined
      }
    >
      <div className="tabs" role="tablist" aria-label="Parts of the object">
        {tabs
          .filter(([id]) => managed || id === 'summary' || id === 'live')
          .map(([id, text]) => (
            <button key={id} type="button" role="tab" aria-selected={id === tab} onClick={() => onTab(id)}>
              {text}
            </button>
          ))}
      </div>
      <div role="tabpanel" aria-label={tab}>
        {tab === 'summary' ? (
          <>
            <Summary resource={resource} />
            {resource.node.uid ? (
              <ActionList key={resource.id} application={application} node={resource.node} />
            ) : null}
          </>
        ) : null}
        {tab === 'live' ? <LiveManifest application={application} resource={resource} /> : null}
        {tab === 'diff' || tab === 'desired' ? (
          <Compared application={application} resource={resource} tab={tab} />
        ) : null}
      </div>
    </Dialog>
  );
}

function Summary({ resource }: { readonly resource: Resource }) {
  const { node } = resource;
  const facts: readonly (readonly [string, React.ReactNode])[] = [
    ['Kind', `${node.group ? `${node.group}/` : ''}${node.version ?? ''} ${node.kind}`],
    ['Namespace', node.namespace || 'none (cluster-wide)'],
    [
      'Created',
      node.createdAt === undefined ? 'not in the cluster' : <Ago key="created" time={node.createdAt} />,
    ],
    [
      'Health',
      resource.health === undefined ? undefined : <HealthBadge key="health" status={resource.health} />,
    ],
    ['Reason', resource.healthMessage],
    [
      'Sync',
      resource.sync === undefined ? (
        'not managed: made by its owner'
      ) : (
        <SyncBadge key="sync" status={resource.sync} pruning={resource.requiresPruning} />
      ),
    ],
    ['Wave', resource.wave],
    ['Images', node.images?.length ? node.images.join(', ') : undefined],
    ...(node.info ?? []).map((one) => [one.name, one.value] as const),
  ];
  return (
    <dl className="facts">
      {facts.map(([name, value]) =>
        value === undefined ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

type PartProps = { readonly application: string; readonly resource: Resource };

function LiveManifest({ application, resource }: PartProps) {
  const version = resource.node.resourceVersion ?? '';
  const loaded = useLoad(`${application} ${resource.id} ${version}`, (signal) =>
    getLiveManifest(application, resource.node, signal),
  );
  if (resource.health === 'Missing') {
    return <p className="faint">The object is not in the cluster; a sync creates it.</p>;
  }
  return (
    <Part loaded={loaded} what="The live manifest">
      {(reply) => <Manifest state={reply.manifest} />}
    </Part>
  );
}

function Compared({ application, resource, tab }: PartProps & { readonly tab: NodeTab }) {
  const loaded = useLoad(`${application} ${resource.id}`, (signal) =>
    getManagedResources(application, resource.node, signal),
  );
  return (
    <Part loaded={loaded} what="The comparison">
      {(reply) => {
        const own = reply.items.find(
          (diff) => diff.kind === resource.node.kind && diff.name === resource.node.name,
        );
        if (own === undefined) return <p className="faint">This object is not compared.</p>;
        return tab === 'diff' ? <ResourceDiffView diff={own} open /> : <Manifest state={own.targetState} />;
      }}
    </Part>
  );
}

function Manifest({ state }: { readonly state: string | undefined }) {
  const text = manifestText(state, { full: true });
  if (text === '') return <p className="faint">It is not part of this state.</p>;
  return (
    <pre className="manifest">
      <code>{text}</code>
    </pre>
  );
}

type LoadedPartProps<T> = {
  readonly loaded: Loaded<T>;
  readonly what: string;
  readonly children: (value: T) => React.ReactNode;
};

function Part<T>({ loaded, what, children }: LoadedPartProps<T>) {
  if (loaded.value !== undefined) return children(loaded.value);
  if (loaded.error === undefined) return <Loading what={what.toLowerCase()} />;
  return <LoadTrouble what={what} message={loaded.error} onRetry={loaded.reload} />;
}
