import { getManagedResources } from '../../api.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Icon } from '../../components/icon.tsx';
import { Loading, LoadTrouble } from '../../components/notice.tsx';
import { useLoad } from '../../state/use-load.ts';
import { isDifferent, ResourceDiffView } from './resource-diff.tsx';

type DiffPanelProps = {
  readonly name: string;
  readonly version: string | undefined;
  readonly onClose: () => void;
};

/** What a sync would change, object by object. */
export function DiffPanel({ name, version, onClose }: DiffPanelProps) {
  const loaded = useLoad(`${name} ${version ?? ''}`, (signal) =>
    getManagedResources(name, undefined, signal),
  );
  const changed = (loaded.value?.items ?? []).filter((diff) => diff.hook !== true && isDifferent(diff));
  return (
    <Dialog title="Diff" subtitle="From what is live to what Git says." shape="sheet" wide onClose={onClose}>
      {loaded.value === undefined && loaded.error === undefined ? <Loading what="differences" /> : null}
      {loaded.error === undefined ? null : (
        <LoadTrouble what="Differences" message={loaded.error} onRetry={loaded.reload} />
      )}
      {loaded.value !== undefined && changed.length === 0 ? (
        <div className="blank blank-small">
          <span className="blank-icon tone-good">
            <Icon name="check" size={28} />
          </span>
          <h2>No differences</h2>
          <p>Everything that is compared agrees with Git.</p>
        </div>
      ) : null}
      {changed.map((diff, index) => (
        <ResourceDiffView
          key={`${diff.group}/${diff.kind}/${diff.namespace}/${diff.name}`}
          diff={diff}
          open={index < 5}
        />
      ))}
    </Dialog>
  );
}
