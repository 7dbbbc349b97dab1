import { healthStatuses } from '../application/words.ts';
import { createByteCache } from '../byte-cache.ts';
import { formatKey } from '../object/key.ts';
import { isFields } from '../object/manifest/check-manifest.ts';
import { groupOf, keyOf, type Manifest } from '../object/manifest/manifest.ts';
import { formatOverrideKey } from '../settings/overrides/override-key.ts';
import { overridesOf } from '../settings/overrides/overrides-of.ts';
import type { ResourceOverride, Settings } from '../settings/settings.ts';
import { hasHealthRule, pendingDeletion } from './assess.ts';
import { type HealthAssessor, health, type ObjectHealth } from './health.ts';

/** What a script answered, or why it has no answer; `passing` when the next try may have one. */
export type ScriptAnswer =
  | { readonly ok: true; readonly value?: unknown }
  | { readonly ok: false; readonly message: string; readonly passing?: boolean };

/** Runs a health script on an object. */
export type RunHealthScript = (
  script: { readonly name: string; readonly lua: string; readonly openLibs: boolean },
  live: Manifest,
) => ScriptAnswer;

/** Judges objects by an installation's settings. */
export type HealthJudge = {
  readonly assess: HealthAssessor;
  /** What keeps an object from being judged, naming it and its script; undefined for almost every object. */
  errorOf(live: Manifest): string | undefined;
};

type Verdict = { readonly health: ObjectHealth; readonly error?: string; readonly passing?: boolean };

/** Some 50,000 verdicts of a few words. */
const rememberedBytes = 16 * 1024 * 1024;

/** What a verdict takes beside its words. */
const verdictBytes = 150;

const scriptName = 'health.lua';

/**
 * A judge by one state of the settings: an object on its way out first, then the script for its kind, then the
 * built-in rule. A script runs once per content of an object, also when it failed.
 */
export function createHealthJudge(
  settings: Pick<Settings, 'overrides'>,
  builtin: HealthAssessor,
  run: RunHealthScript,
): HealthJudge {
  const known = createByteCache<{ readonly resourceVersion: string; readonly verdict: Verdict }>(
    rememberedBytes,
  );

  const judge = (override: ResourceOverride & { healthLua: string }, live: Manifest): Verdict => {
    const { uid = '', resourceVersion = '' } = live.metadata;
    const found = known.get(uid);
    if (found !== undefined && uid !== '' && found.resourceVersion === resourceVersion) return found.verdict;
    const script = { name: scriptName, lua: override.healthLua, openLibs: override.useOpenLibs === true };
    const verdict = readVerdict(run(script, live), formatOverrideKey(override));
    if (uid === '' || resourceVersion === '' || verdict.passing) return verdict;
    const words = (verdict.health.message ?? '').length + (verdict.error ?? '').length;
    known.set(uid, { resourceVersion, verdict }, verdictBytes + 2 * words);
    return verdict;
  };

  const verdictOf = (live: Manifest): Verdict | undefined => {
    const override = scriptedOverride(settings, groupOf(live.apiVersion), live.kind);
    return override === undefined || pendingDeletion(live) !== undefined ? undefined : judge(override, live);
  };

  return {
    assess: (live) => verdictOf(live)?.health ?? builtin(live),
    errorOf(live) {
      const error = verdictOf(live)?.error;
      return error === undefined ? undefined : `${formatKey(keyOf(live))}: ${error}`;
    },
  };
}

/** Whether objects of a kind have health by a script or a rule: they have to be watched in full. */
export function hasHealth(settings: Pick<Settings, 'overrides'>, group: string, kind: string): boolean {
  return scriptedOverride(settings, group, kind) !== undefined || hasHealthRule(group, kind);
}

/** The override that gives a kind's script: an exact one, otherwise the first glob. */
function scriptedOverride(
  settings: Pick<Settings, 'overrides'>,
  group: string,
  kind: string,
): (ResourceOverride & { healthLua: string }) | undefined {
  for (const override of overridesOf(settings, { group, kind })) {
    const { healthLua } = override;
    if (healthLua !== undefined && healthLua !== '') return { ...override, healthLua };
  }
  return undefined;
}

function readVerdict(answer: ScriptAnswer, key: string): Verdict {
  const read = answer.ok ? readHealth(answer.value) : answer.message;
  if (typeof read !== 'string') return { health: read };
  const error = `${read}; correct the health script of ${key}`;
  const passing = !answer.ok && answer.passing === true;
  return { health: health('Unknown', error), error, ...(passing ? { passing } : {}) };
}

/** The health that a script's result means, or what is wrong with it; the words are the reference's. */
export function readHealth(value: unknown): ObjectHealth | string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return { status: '' };
  if (typeof value !== 'object' || value === null) {
    return `${scriptName}: expect table output from Lua script, not ${typeof value}`;
  }
  if (!isFields(value)) return `${scriptName}: result is a list; return a table with status and message`;
  const { status, message } = value;
  const known = healthStatuses.find((word) => word === status);
  if (known === undefined) return health('Unknown', 'Lua returned an invalid health status');
  return health(known, message === undefined ? '' : String(message));
}
