import type { ApplicationStatus, Condition, ResourceStatus } from '../../application/status.ts';
import { formatJson } from '../../object/json/json.ts';
import { ownField } from '../../own-field.ts';
import { byteLength, cutText } from './cut-text.ts';

/** What an object of the home cluster bears at most; etcd takes 1.5 MB of it with all that its owner wrote. */
const mostBytes = 199_000;
const mostMessageBytes = 4096;
const mostResources = 500;
const mostHistory = 10;
/** Objects, and conditions, that are left once that many are too many. */
const fewResources = 100;
const fewConditions = 10;

/** Type of the condition that names what a status leaves out. */
export const shortenedCondition = 'StatusShortened';

type Shortening = {
  /** What is left out, as the condition names it. */
  readonly what: string;
  readonly shorten: (status: ApplicationStatus) => ApplicationStatus;
};

/** What is left out of a status that is too large, first what is least missed; each in addition to those before it. */
const shortenings: readonly Shortening[] = [
  { what: 'health messages of objects', shorten: withoutHealthMessages },
  { what: 'messages of results', shorten: withoutResultMessages },
  { what: 'results of the last operation', shorten: withoutResults },
  { what: 'sources in history', shorten: withoutHistorySources },
  { what: 'sources and request of the last operation', shorten: withoutOperationRequest },
  { what: 'what was compared to', shorten: withoutComparedTo },
  { what: 'images and URLs', shorten: withoutSummaryLists },
  { what: `objects beyond ${fewResources}`, shorten: (status) => withResources(status, fewResources) },
  { what: `conditions beyond ${fewConditions}`, shorten: withFewConditions },
  { what: 'history', shorten: ({ history: _, ...rest }) => rest },
  { what: 'objects', shorten: ({ resources: _, ...rest }) => rest },
  { what: 'all but the outcome', shorten: outcomeOnly },
];

/**
 * A status as an object of the home cluster can bear it: below 200 kB whatever comes. Messages are cut, objects and history
 * are limited in number, and what is too large still loses part after part until it fits. A condition names what is left
 * out; the API has all of it.
 */
export function fitStatus(status: ApplicationStatus): ApplicationStatus {
  const objects = status.resources?.length ?? 0;
  const left = objects > mostResources ? [`${objects - mostResources} of ${objects} objects`] : [];
  let fitted = limited(status);
  let noted = withNote(fitted, left);
  for (const { what, shorten } of shortenings) {
    if (byteLength(formatJson(noted)) <= mostBytes) return noted;
    fitted = shorten(fitted);
    left.push(what);
    noted = withNote(fitted, left);
  }
  return noted;
}

function limited(status: ApplicationStatus): ApplicationStatus {
  const { conditions, health, history, operationState } = status;
  return {
    ...withResources(status, mostResources),
    ...(health === undefined ? {} : { health: withCutMessage(health) }),
    ...(conditions === undefined ? {} : { conditions: conditions.map(withCutMessage) }),
    ...(history === undefined ? {} : { history: history.slice(-mostHistory) }),
    ...(operationState === undefined ? {} : { operationState: limitedState(operationState) }),
  };
}

type State = NonNullable<ApplicationStatus['operationState']>;

/** Definitions of the reference demand a revision of each result; where there are several sources, it is empty there too. */
function limitedState(state: State): State {
  const { syncResult } = state;
  if (syncResult === undefined) return withCutMessage(state);
  const { resources } = syncResult;
  const kept =
    resources === undefined ? {} : { resources: resources.slice(0, mostResources).map(withCutMessage) };
  return withCutMessage({ ...state, syncResult: { revision: '', ...syncResult, ...kept } });
}

function withCutMessage<Told extends { readonly message?: string | undefined }>(told: Told): Told {
  const { message } = told;
  return message === undefined ? told : { ...told, message: cutText(message, mostMessageBytes) };
}

/** The first objects in their order, before others those that somebody has to look after. */
function withResources(status: ApplicationStatus, most: number): ApplicationStatus {
  const { resources } = status;
  if (resources === undefined) return status;
  const cut = resources.map((resource) =>
    resource.health === undefined ? resource : { ...resource, health: withCutMessage(resource.health) },
  );
  if (cut.length <= most) return { ...status, resources: cut };
  const [others, troubled] = [cut.filter((one) => !isTroubled(one)), cut.filter(isTroubled)];
  const kept = new Set([...troubled, ...others].slice(0, most));
  return { ...status, resources: cut.filter((one) => kept.has(one)) };
}

function isTroubled({ status, health }: ResourceStatus): boolean {
  const isFine = health?.status === undefined || health.status === 'Healthy';
  return (status !== undefined && status !== 'Synced') || !isFine;
}

function withNote(status: ApplicationStatus, left: readonly string[]): ApplicationStatus {
  if (left.length === 0) return status;
  const note: Condition = {
    type: shortenedCondition,
    message: `this object can't bear all of its status; left out are ${left.join(', ')}; the API has all of it`,
  };
  return { ...status, conditions: [...(status.conditions ?? []), note] };
}

function withoutHealthMessages(status: ApplicationStatus): ApplicationStatus {
  const { resources } = status;
  if (resources === undefined) return status;
  return {
    ...status,
    resources: resources.map(({ health, ...rest }) =>
      health?.status === undefined ? rest : { ...rest, health: { status: health.status } },
    ),
  };
}

/** Changes the result of the operation that is shown, where there is one. */
function withResult(
  status: ApplicationStatus,
  change: (result: NonNullable<State['syncResult']>) => NonNullable<State['syncResult']>,
): ApplicationStatus {
  const { operationState } = status;
  if (operationState?.syncResult === undefined) return status;
  return { ...status, operationState: { ...operationState, syncResult: change(operationState.syncResult) } };
}

function withoutResultMessages(status: ApplicationStatus): ApplicationStatus {
  return withResult(status, ({ resources = [], ...rest }) => ({
    ...rest,
    resources: resources.map(({ message: _, ...resource }) => resource),
  }));
}

function withoutResults(status: ApplicationStatus): ApplicationStatus {
  return withResult(status, ({ resources: _, ...rest }) => rest);
}

function withoutHistorySources(status: ApplicationStatus): ApplicationStatus {
  const { history } = status;
  if (history === undefined) return status;
  return { ...status, history: history.map(({ source: _, sources: __, ...entry }) => entry) };
}

function withoutOperationRequest(status: ApplicationStatus): ApplicationStatus {
  const kept = withResult(status, ({ revision = '' }) => ({ revision }));
  const { operationState } = kept;
  return operationState === undefined
    ? kept
    : { ...kept, operationState: { ...operationState, operation: {} } };
}

function withoutComparedTo(status: ApplicationStatus): ApplicationStatus {
  const { sync } = status;
  if (sync === undefined) return status;
  const { comparedTo: _, ...rest } = sync;
  return { ...status, sync: rest };
}

function withoutSummaryLists(status: ApplicationStatus): ApplicationStatus {
  const { summary } = status;
  if (summary === undefined) return status;
  const { isAppOfApps } = summary;
  return { ...status, summary: isAppOfApps === undefined ? {} : { isAppOfApps } };
}

function withFewConditions(status: ApplicationStatus): ApplicationStatus {
  const { conditions } = status;
  return conditions === undefined ? status : { ...status, conditions: conditions.slice(0, fewConditions) };
}

/** What is left when nothing else fits: fields that are few and short by themselves, or cut here. */
function outcomeOnly(status: ApplicationStatus): ApplicationStatus {
  const { sync, health, conditions, operationState, reconciledAt, observedAt, controllerNamespace } = status;
  return {
    ...(sync === undefined ? {} : { sync: { status: sync.status } }),
    ...(health === undefined ? {} : { health: pickText(health, ['status', 'message']) }),
    ...(conditions === undefined ? {} : { conditions: conditions.map(plainCondition) }),
    ...(operationState === undefined ? {} : { operationState: plainState(operationState) }),
    ...pickText({ reconciledAt, observedAt, controllerNamespace }, [
      'reconciledAt',
      'observedAt',
      'controllerNamespace',
    ]),
  };
}

function plainCondition(condition: Condition): Condition {
  const { type, message } = condition;
  return { type: cutText(type, mostMessageBytes), message };
}

function plainState(state: State): State {
  const { phase, startedAt } = state;
  return { operation: {}, phase, startedAt, ...pickText(state, ['message', 'finishedAt']) };
}

/** Some texts of an object, each no longer than a message may be. */
function pickText(from: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, string> {
  const texts = names.flatMap((name): [string, string][] => {
    const value = ownField(from, name);
    return typeof value === 'string' ? [[name, cutText(value, mostMessageBytes)]] : [];
  });
  return Object.fromEntries(texts);
}
