import { useDeferredValue, useMemo } from 'react';
import { Icon } from '../components/icon.tsx';
import { Loading, Notice, Trouble } from '../components/notice.tsx';
import { SearchBox } from '../components/search-box.tsx';
import { filterResources } from '../features/resource-tree/resource-filter.ts';
import { ResourceList } from '../features/resource-tree/resource-list.tsx';
import { TreeView } from '../features/resource-tree/tree-view.tsx';
import type { Resource } from '../model/resource.ts';
import { changeQuery, useLocation } from '../router.tsx';
import type { FollowedResources } from '../state/use-resources.ts';
import { useWide } from '../state/use-wide.ts';

type SectionProps = { readonly name: string; readonly loaded: FollowedResources };

/** The application's objects as a tree or as a list. */
export function ResourcesSection({ name, loaded }: SectionProps) {
  const { query } = useLocation();
  const wide = useWide();
  const search = query.get('resource') ?? '';
  const view = query.get('view') ?? (wide ? 'tree' : 'list');
  const wanted = useDeferredValue(search);
  const shown = useMemo(() => filterResources(loaded.resources ?? [], wanted), [loaded.resources, wanted]);
  return (
    <section className="resources" aria-label="Objects">
      <div className="toolbar">
        <h2>Objects</h2>
        <span className="faint">{loaded.resources?.length ?? ''}</span>
        <SearchBox
          label="Find objects by kind or name"
          value={search}
          onChange={(text) => changeQuery({ resource: text }, { replace: true })}
        />
        <fieldset className="switch" aria-label="View">
          {(['tree', 'list'] as const).map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={view === one}
              onClick={() => changeQuery({ view: one })}
            >
              <Icon name={one === 'tree' ? 'tree' : 'rows'} /> <span>{one === 'tree' ? 'Tree' : 'List'}</span>
            </button>
          ))}
        </fieldset>
      </div>
      {loaded.error !== undefined && loaded.resources !== undefined ? (
        <Notice tone="warn" icon="warning">
          The objects may be old: {loaded.error}
        </Notice>
      ) : null}
      <Objects name={name} loaded={loaded} shown={shown} list={view === 'list'} />
    </section>
  );
}

type ObjectsProps = SectionProps & { readonly shown: readonly Resource[]; readonly list: boolean };

function Objects({ name, loaded, shown, list }: ObjectsProps) {
  const { query } = useLocation();
  const selected = query.get('node') ?? undefined;
  const select = (id: string) => changeQuery({ node: id, tab: undefined });
  if (loaded.resources === undefined) {
    if (loaded.error === undefined) return <Loading what="objects" />;
    return <Trouble title="The objects cannot be shown" message={loaded.error} />;
  }
  if (loaded.resources.length === 0) {
    return (
      <div className="blank blank-small">
        <h2>No objects yet</h2>
        <p>A refresh compares with Git, and a sync creates what is there.</p>
      </div>
    );
  }
  if (shown.length === 0) {
    return (
      <div className="blank blank-small">
        <h2>No object fits</h2>
      </div>
    );
  }
  if (list) return <ResourceList resources={shown} selected={selected} onSelect={select} />;
  return <TreeView name={name} resources={shown} selected={selected} onSelect={select} />;
}
