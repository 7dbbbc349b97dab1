import { KindMark } from '../../components/kind-mark.tsx';
import { HealthBadge, SyncBadge } from '../../components/status.tsx';
import { Ago } from '../../components/time.tsx';
import type { Resource } from '../../model/resource.ts';

type ResourceListProps = {
  readonly resources: readonly Resource[];
  readonly selected: string | undefined;
  readonly onSelect: (id: string) => void;
};

/** The application's objects as rows. */
export function ResourceList({ resources, selected, onSelect }: ResourceListProps) {
  return (
    <div className="table-scroll">
      <table className="table table-stack">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Group / kind</th>
            <th scope="col">Wave</th>
            <th scope="col">Namespace</th>
            <th scope="col">Created</th>
            <th scope="col">Status</th>
          </tr>
        </thead>
        <tbody>
          {resources.map((resource) => (
            <tr key={resource.id} className={resource.id === selected ? 'row-selected' : undefined}>
              <th scope="row">
                <button type="button" className="row-button" onClick={() => onSelect(resource.id)}>
                  <KindMark kind={resource.node.kind} /> {resource.node.name}
                </button>
              </th>
              <td data-label="Kind">
                {resource.node.group ? `${resource.node.group}/` : ''}
                {resource.node.kind}
              </td>
              <td data-label="Wave">{resource.wave ?? (resource.sync === undefined ? '' : 0)}</td>
              <td data-label="Namespace">{resource.node.namespace}</td>
              <td data-label="Created" className="nowrap">
                {resource.node.createdAt === undefined ? '' : <Ago time={resource.node.createdAt} />}
              </td>
              <td>
                <div className="row-status">
                  {resource.health === undefined ? null : (
                    <HealthBadge status={resource.health} title={resource.healthMessage ?? resource.health} />
                  )}
                  {resource.sync === undefined ? null : (
                    <SyncBadge status={resource.sync} pruning={resource.requiresPruning} />
                  )}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
