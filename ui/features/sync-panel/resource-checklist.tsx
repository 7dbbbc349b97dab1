import { Toggle } from '../../components/field.tsx';
import { KindMark } from '../../components/kind-mark.tsx';
import { SyncBadge } from '../../components/status.tsx';
import type { Resource } from '../../model/resource.ts';

type ChecklistProps = {
  readonly resources: readonly Resource[];
  readonly chosen: ReadonlySet<string> | undefined;
  readonly onChange: (chosen: ReadonlySet<string> | undefined) => void;
};

/** Which objects a sync is about; all of them unless some are taken out. */
export function ResourceChecklist({ resources, chosen, onChange }: ChecklistProps) {
  const all = new Set(resources.map((one) => one.id));
  const current = chosen ?? all;
  const outOfSync = resources.filter((one) => one.sync === 'OutOfSync').map((one) => one.id);
  const toggle = (id: string, on: boolean) => {
    const next = new Set(current);
    if (on) next.add(id);
    else next.delete(id);
    onChange(next.size === all.size ? undefined : next);
  };
  if (resources.length === 0) {
    return (
      <p className="faint">Nothing has been compared yet; the sync covers whatever the revision holds.</p>
    );
  }
  return (
    <section className="form-block" aria-label="Objects">
      <div className="checklist-head">
        <h3>Objects</h3>
        <span className="faint">
          {current.size} of {all.size}
        </span>
        <span className="spread" />
        <button type="button" className="text-button" onClick={() => onChange(undefined)}>
          all
        </button>
        <button type="button" className="text-button" onClick={() => onChange(new Set(outOfSync))}>
          out of sync
        </button>
        <button type="button" className="text-button" onClick={() => onChange(new Set())}>
          none
        </button>
      </div>
      <div className="checklist">
        {resources.map((one) => (
          <div key={one.id} className="checklist-row">
            <Toggle
              checked={current.has(one.id)}
              onChange={(on) => toggle(one.id, on)}
              label={
                <>
                  <KindMark kind={one.node.kind} /> <span className="sr">{one.node.kind}</span>
                  {one.node.namespace ? `${one.node.namespace}/` : ''}
                  {one.node.name}
                </>
              }
            />
            <SyncBadge status={one.sync ?? 'Unknown'} pruning={one.requiresPruning} />
          </div>
        ))}
      </div>
    </section>
  );
}
