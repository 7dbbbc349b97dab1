import type { Application } from '../../core/application/spec/spec.ts';

/** What a wait is for; with nothing chosen it is for sync, health and the end of the operation. */
export type WaitFor = {
  readonly sync?: boolean;
  readonly health?: boolean;
  readonly operation?: boolean;
  readonly suspended?: boolean;
  readonly degraded?: boolean;
};

/** Fills in what is waited for when no flag says it. */
export function withDefaults(chosen: WaitFor): WaitFor {
  const { sync, health, operation, suspended, degraded } = chosen;
  if ([sync, health, operation, suspended, degraded].includes(true)) {
    return {
      sync: sync === true,
      health: health === true,
      operation: operation === true,
      suspended: suspended === true,
      degraded: degraded === true,
    };
  }
  return { sync: true, health: true, operation: true };
}

/**
 * Whether an operation is under way. One that has ended counts until the application was compared again, since
 * until then its sync and health are those of before.
 */
export function isOperating(application: Application): boolean {
  if (application.operation) return true;
  const state = application.status?.operationState;
  if (state === undefined) return false;
  if (state.finishedAt === undefined) return true;
  if (state.operation.sync?.dryRun === true) return false;
  const reconciledAt = application.status?.reconciledAt;
  return reconciledAt === undefined || Date.parse(reconciledAt) < Date.parse(state.finishedAt);
}

/** Whether an application, or some of its objects, is as waited for. */
export function isAsWanted(
  application: Application,
  wanted: WaitFor,
  states?: readonly ObjectState[],
): boolean {
  if (wanted.operation === true && isOperating(application)) return false;
  const whole = { sync: application.status?.sync?.status, health: application.status?.health?.status };
  return (states ?? [whole]).every((state) => isStateWanted(state, wanted));
}

/** Sync and health words of an application or object; an object without a health rule has none. */
export type ObjectState = { readonly sync: string | undefined; readonly health: string | undefined };

function isStateWanted(state: ObjectState, wanted: WaitFor): boolean {
  if (wanted.sync === true && state.sync !== 'Synced') return false;
  const accepted = [
    wanted.health === true ? 'Healthy' : '',
    wanted.suspended === true ? 'Suspended' : '',
    wanted.degraded === true ? 'Degraded' : '',
  ].filter((word) => word !== '');
  return accepted.length === 0 || accepted.includes(state.health ?? 'Healthy');
}

/** What an application still lacks, for people. */
export function missingWords(application: Application, wanted: WaitFor): string {
  const { status } = application;
  const parts = [
    wanted.operation === true && isOperating(application) ? 'operation in progress' : '',
    wanted.sync === true ? `sync ${status?.sync?.status ?? 'Unknown'}` : '',
    wanted.health === true || wanted.suspended === true || wanted.degraded === true
      ? `health ${status?.health?.status ?? 'Unknown'}`
      : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}
