import type { HealthStatus, SyncStatus } from '../../core/application/words.ts';
import type { OperationPhase } from '../../core/sync/operation/operation.ts';
import { Icon, type IconName } from './icon.tsx';

/** Colour family of a status; the stylesheet gives each its light and dark shades. */
export type Tone = 'good' | 'busy' | 'bad' | 'held' | 'warn' | 'none' | 'stop';

type Look = { readonly icon: IconName; readonly tone: Tone; readonly spin?: boolean };

export const healthLooks: Readonly<Record<HealthStatus, Look>> = {
  Healthy: { icon: 'heart', tone: 'good' },
  Progressing: { icon: 'spinner', tone: 'busy', spin: true },
  Degraded: { icon: 'heart-broken', tone: 'bad' },
  Suspended: { icon: 'pause', tone: 'held' },
  Missing: { icon: 'ghost', tone: 'warn' },
  Unknown: { icon: 'question', tone: 'none' },
};

export const syncLooks: Readonly<Record<SyncStatus, Look>> = {
  Synced: { icon: 'check', tone: 'good' },
  OutOfSync: { icon: 'arrow-up', tone: 'warn' },
  Unknown: { icon: 'question', tone: 'none' },
};

const phaseLooks: Readonly<Record<OperationPhase, Look>> = {
  Requested: { icon: 'spinner', tone: 'busy', spin: true },
  Running: { icon: 'spinner', tone: 'busy', spin: true },
  Terminating: { icon: 'stop', tone: 'stop' },
  Succeeded: { icon: 'check', tone: 'good' },
  Failed: { icon: 'cross', tone: 'bad' },
  Error: { icon: 'cross', tone: 'bad' },
  Superseded: { icon: 'skip', tone: 'held' },
};

type BadgeProps = { readonly look: Look; readonly text: string; readonly title?: string | undefined };

/** An icon and a word in the status's colour; neither alone. */
function Badge({ look, text, title }: BadgeProps) {
  return (
    <span className={`badge tone-${look.tone}`} title={title}>
      <Icon name={look.icon} spin={look.spin ?? false} />
      <span className="badge-text">{text}</span>
    </span>
  );
}

export function HealthBadge({ status, title }: { readonly status: HealthStatus; readonly title?: string }) {
  return <Badge look={healthLooks[status]} text={status} title={title} />;
}

type SyncBadgeProps = { readonly status: SyncStatus; readonly pruning?: boolean };

export function SyncBadge({ status, pruning = false }: SyncBadgeProps) {
  const look = pruning ? { ...syncLooks.OutOfSync, icon: 'trash' as const } : syncLooks[status];
  return (
    <Badge look={look} text={status} title={pruning ? 'is no longer in Git and should go' : undefined} />
  );
}

export function PhaseBadge({ phase }: { readonly phase: OperationPhase }) {
  return <Badge look={phaseLooks[phase]} text={phase} />;
}
