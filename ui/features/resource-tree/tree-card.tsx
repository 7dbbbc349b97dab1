import { Icon } from '../../components/icon.tsx';
import { KindMark } from '../../components/kind-mark.tsx';
import { LongName } from '../../components/long-name.tsx';
import { healthLooks, syncLooks } from '../../components/status.tsx';
import type { Resource } from '../../model/resource.ts';
import { cardHeight, cardWidth, type PositionedCard } from './layout.ts';

type TreeCardProps = {
  readonly card: PositionedCard;
  readonly name: string;
  readonly selected: boolean;
  readonly onSelect: (id: string) => void;
  readonly onOpenGroup: (id: string) => void;
};

/** One card of the tree: the application, an object, or many objects of one kind. */
export function TreeCard({ card, name, selected, onSelect, onOpenGroup }: TreeCardProps) {
  const style = { left: card.x, top: card.y, width: cardWidth, height: cardHeight };
  if (card.type === 'root') {
    return (
      <div className="card card-root" style={style}>
        <KindMark kind="Application" />
        <span className="card-text">
          <span className="card-name">{name}</span>
          <span className="card-kind">Application</span>
        </span>
      </div>
    );
  }
  if (card.type === 'group') {
    return (
      <button type="button" className="card card-group" style={style} onClick={() => onOpenGroup(card.id)}>
        <KindMark kind={card.kind} />
        <span className="card-text">
          <span className="card-name">
            {card.members.length} x {card.kind}
          </span>
          <span className="card-kind">{groupText(card.members)} · show all</span>
        </span>
      </button>
    );
  }
  const { resource } = card;
  return (
    <button
      type="button"
      className={`card status-edge-${resource.health ?? 'none'}${selected ? ' card-selected' : ''}`}
      style={style}
      aria-label={labelOf(resource)}
      title={labelOf(resource)}
      onClick={() => onSelect(card.id)}
    >
      <KindMark kind={resource.node.kind} />
      <span className="card-text">
        <span className="card-name">
          <LongName name={resource.node.name} />
        </span>
        <span className="card-kind">
          {resource.node.kind}
          {tagsOf(resource).map((tag) => (
            <span key={tag} className="card-tag">
              {tag}
            </span>
          ))}
        </span>
      </span>
      <span className="card-marks">
        <StatusMarks resource={resource} />
      </span>
    </button>
  );
}

/** Health and sync of an object as two icons; the card's label says both in words. */
function StatusMarks({ resource }: { readonly resource: Resource }) {
  const health = resource.health === undefined ? undefined : healthLooks[resource.health];
  const sync = resource.sync === undefined ? undefined : syncLooks[resource.sync];
  return (
    <>
      {health === undefined ? null : (
        <span className={`tone-${health.tone}`}>
          <Icon name={health.icon} spin={health.spin ?? false} />
        </span>
      )}
      {sync === undefined ? null : (
        <span className={`tone-${sync.tone}`}>
          <Icon name={resource.requiresPruning ? 'trash' : sync.icon} />
        </span>
      )}
    </>
  );
}

function labelOf(resource: Resource): string {
  const { kind, name, namespace } = resource.node;
  const states = [resource.health, resource.sync, resource.requiresPruning ? 'should be pruned' : undefined];
  const text = states.filter((state) => state !== undefined).join(', ');
  return `${kind} ${namespace ? `${namespace}/` : ''}${name}${text === '' ? '' : `: ${text}`}`;
}

function tagsOf(resource: Resource): readonly string[] {
  const tags = (resource.node.info ?? []).map((one) => one.value).slice(0, 2);
  if (resource.hook) tags.push('hook');
  if (resource.wave !== undefined && resource.wave !== 0) tags.push(`wave ${resource.wave}`);
  return [...new Set(tags)];
}

function groupText(members: readonly Resource[]): string {
  const healthy = members.filter((member) => member.health === 'Healthy').length;
  return members.some((member) => member.health !== undefined) ? `${healthy} healthy` : 'folded';
}
