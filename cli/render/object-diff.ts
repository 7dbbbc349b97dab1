import { isDeepStrictEqual } from 'node:util';
import { maskPair } from '../../core/diff/secrets/mask.ts';
import { KeelsonError } from '../../core/errors.ts';
import { parseJson } from '../../core/object/json/json.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { ownField } from '../../core/own-field.ts';
import type { DiffSides } from '../server/client.ts';
import { formatYaml } from '../terminal/output.ts';

/** One object whose live and target states differ, both as YAML; the text of a missing side is empty. */
export type ObjectDiff = {
  /** `===== group/kind namespace/name ======` */
  readonly heading: string;
  readonly name: string;
  readonly live: string;
  readonly target: string;
};

type Fields = Record<string, unknown>;

/** The objects of an application that are not as they should be. Values of Secrets never appear. */
export function diffObjects(resources: readonly DiffSides[]): ObjectDiff[] {
  return resources.flatMap((resource) => diffObject(resource) ?? []);
}

function diffObject(resource: DiffSides): ObjectDiff | undefined {
  if (resource.hook === true) return undefined;
  const live = parseState(resource, resource.normalizedLiveState ?? resource.liveState);
  const wanted = parseState(resource, resource.targetState);
  const exist = live !== undefined && wanted !== undefined;
  if (exist && resource.modified === false) return undefined;
  // What the cluster would make of the target leaves out of the diff what defaulting adds.
  const target = exist ? (parseState(resource, resource.predictedLiveState) ?? wanted) : wanted;
  const [shownLive, shownTarget] = maskSecret(resource, live, target);
  if (isDeepStrictEqual(shownLive, shownTarget)) return undefined;
  const { group = '', kind, namespace = '', name } = resource;
  return {
    heading: `===== ${group}/${kind} ${namespace}/${name} ======`,
    name,
    live: stateText(shownLive),
    target: stateText(shownTarget),
  };
}

/** A state as text that differs only where the state does; empty for a missing one. */
export function stateText(state: Readonly<Fields> | undefined): string {
  return state === undefined ? '' : formatYaml(sortFields(state));
}

function parseState(resource: DiffSides, text: string | null | undefined): Fields | undefined {
  if (text === undefined || text === null || text === '' || text === 'null') return undefined;
  try {
    return asFields(parseJson(text));
  } catch {
    // The parser quotes the text, which can be a Secret's.
    throw new KeelsonError(
      'internal',
      `${resource.kind} ${resource.name}: its state as the server sent it is not JSON; use a keelson command of the server's version`,
    );
  }
}

function asFields(value: unknown): Fields | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.fromEntries(Object.entries(value));
}

/** The server masks Secrets already; this second veil makes sure that no reply can put a value on a screen. */
function maskSecret(
  resource: DiffSides,
  live: Fields | undefined,
  target: Fields | undefined,
): [Fields | undefined, Fields | undefined] {
  if (resource.kind !== 'Secret' || (resource.group ?? '') !== '') return [live, target];
  const masked = maskPair({ live: asSecret(live), target: asSecret(target) });
  return [masked.live, masked.target];
}

/** What a state is comes from the reply; it counts whatever the state says of itself. */
function asSecret(state: Fields | undefined): Manifest | undefined {
  return state === undefined ? undefined : { metadata: {}, ...state, apiVersion: 'v1', kind: 'Secret' };
}

/** Fields in one order on both sides, or the diff would show moves. */
function sortFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortFields);
  const fields = asFields(value);
  if (fields === undefined) return value;
  return Object.fromEntries(
    Object.keys(fields)
      .sort()
      .map((key) => [key, sortFields(ownField(fields, key))]),
  );
}
