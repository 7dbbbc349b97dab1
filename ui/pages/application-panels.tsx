import type { Application } from '../../core/application/spec/spec.ts';
import { DeleteDialog } from '../features/application-detail/delete-dialog.tsx';
import { DiffPanel } from '../features/diff-view/diff-panel.tsx';
import { NodePanel, type NodeTab } from '../features/diff-view/node-panel.tsx';
import { HistoryPanel } from '../features/history/history-panel.tsx';
import { RollbackDialog } from '../features/history/rollback-dialog.tsx';
import { SyncPanel } from '../features/sync-panel/sync-panel.tsx';
import { qualifiedName } from '../model/application-name.ts';
import type { Resource } from '../model/resource.ts';
import { changeQuery, navigate, useLocation } from '../router.tsx';

type PanelsProps = {
  readonly application: Application;
  readonly resources: readonly Resource[] | undefined;
  readonly onChanged: (application: Application) => void;
};

const nodeTabs: ReadonlySet<string> = new Set(['summary', 'live', 'diff', 'desired']);

/** The panel that the address names, over the page. */
export function ApplicationPanels({ application, resources, onChanged }: PanelsProps) {
  const { query } = useLocation();
  const name = qualifiedName(application);
  const { resourceVersion } = application.metadata;
  const panel = query.get('panel');
  const close = () => changeQuery({ panel: undefined, only: undefined });
  const managed = (resources ?? []).filter((resource) => resource.sync !== undefined && !resource.hook);
  if (panel === 'sync' && resources !== undefined) {
    const only = query.get('only');
    return (
      <SyncPanel
        application={application}
        resources={managed}
        chosen={only === null ? undefined : new Set([only])}
        onClose={close}
        onStarted={(started) => {
          onChanged(started);
          changeQuery({ panel: undefined, only: undefined, operation: undefined });
        }}
      />
    );
  }
  if (panel === 'diff') return <DiffPanel name={name} version={resourceVersion} onClose={close} />;
  if (panel === 'history') {
    return (
      <HistoryPanel
        name={name}
        version={resourceVersion}
        onOpen={(operation) => changeQuery({ panel: undefined, operation })}
        onRollback={(id) => changeQuery({ panel: 'rollback', to: String(id) })}
        onClose={close}
      />
    );
  }
  if (panel === 'rollback') {
    return (
      <RollbackDialog
        application={application}
        id={Number(query.get('to'))}
        onClose={() => changeQuery({ panel: 'history', to: undefined })}
        onStarted={(started) => {
          onChanged(started);
          changeQuery({ panel: undefined, to: undefined });
        }}
      />
    );
  }
  if (panel === 'delete') {
    return <DeleteDialog name={name} onClose={close} onDeleted={() => navigate('/applications')} />;
  }
  const node = resources?.find((resource) => resource.id === query.get('node'));
  return node === undefined ? null : <OpenNode name={name} node={node} tab={query.get('tab')} />;
}

type OpenNodeProps = { readonly name: string; readonly node: Resource; readonly tab: string | null };

function OpenNode({ name, node, tab }: OpenNodeProps) {
  return (
    <NodePanel
      application={name}
      resource={node}
      tab={isNodeTab(tab) ? tab : 'summary'}
      onTab={(next) => changeQuery({ tab: next }, { replace: true })}
      onSync={() => changeQuery({ panel: 'sync', only: node.id, node: undefined, tab: undefined })}
      onClose={() => changeQuery({ node: undefined, tab: undefined })}
    />
  );
}

function isNodeTab(tab: string | null): tab is NodeTab {
  return tab !== null && nodeTabs.has(tab);
}
