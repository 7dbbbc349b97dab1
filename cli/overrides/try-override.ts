import { z } from 'zod';
import type { ActionOffer, Impact } from '../../core/action/action.ts';
import { discoverActions } from '../../core/action/discover.ts';
import { mergePatchBetween } from '../../core/action/merge-patch.ts';
import { performAction } from '../../core/action/perform.ts';
import { issuesOfZod } from '../../core/application/spec/shape-issue.ts';
import { KeelsonError } from '../../core/errors.ts';
import { assessHealth } from '../../core/health/assess.ts';
import { createHealthJudge } from '../../core/health/custom.ts';
import { formatIssues } from '../../core/issue.ts';
import { sameJson } from '../../core/object/json/canonical.ts';
import { formatJson } from '../../core/object/json/json.ts';
import { formatKey } from '../../core/object/key.ts';
import { keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import type { Settings } from '../../core/settings/settings.ts';
import type { Jq } from '../../platform/jq/jq.ts';
import type { LuaEngine } from '../../platform/lua/engine.ts';
import { formatYaml } from '../terminal/output.ts';
import { formatTable } from '../terminal/table.ts';

/** What an override is tried out with. */
export type Trial = {
  readonly settings: Settings;
  readonly lua: LuaEngine;
  readonly jq: Jq;
  readonly now: string;
};

/** One thing that can be tried out on an object: its result for people, and whether it is as a case expects. */
export type Attempt = {
  show(trial: Trial, object: Manifest): Promise<string>;
  /** What differs from the expectation; empty when nothing does. */
  compare(trial: Trial, object: Manifest, expected: unknown): Promise<string>;
};

function judgeOf({ settings, lua }: Trial) {
  return createHealthJudge(settings, assessHealth, ({ name, lua: script, openLibs }, live) =>
    lua.run({ name, script, globals: { obj: live }, openLibs }),
  );
}

const ExpectedHealth = z.looseObject({ status: z.string(), message: z.string().optional() });

/** Health of an object; the status of a kind without health is `none`. */
export const tryHealth: Attempt = {
  async show(trial, object) {
    const judge = judgeOf(trial);
    const error = judge.errorOf(object);
    if (error !== undefined) throw new KeelsonError('precondition-failed', error);
    const found = judge.assess(object);
    if (found !== undefined) return `STATUS: ${found.status}\nMESSAGE: ${found.message ?? ''}\n`;
    return `Health script is not configured for '${formatKey(keyOf(object))}'\n`;
  },
  async compare(trial, object, expected) {
    const wanted = parse(ExpectedHealth, expected);
    const found = judgeOf(trial).assess(object);
    const status = found === undefined ? 'none' : found.status;
    const message = found?.message ?? '';
    if (status !== wanted.status) return `status is ${status}, not ${wanted.status} (${message})`;
    if (wanted.message === undefined || wanted.message === message) return '';
    return `message is "${message}", not "${wanted.message}"`;
  },
};

const ExpectedActions = z.looseObject({
  actions: z.array(z.looseObject({ name: z.string(), disabled: z.boolean().optional() })),
});

function offersOf({ settings, lua }: Trial, object: Manifest): Promise<ActionOffer[]> {
  return discoverActions(settings, object, lua.run);
}

/** The actions that are offered for an object. */
export const tryDiscovery: Attempt = {
  async show(trial, object) {
    const rows = (await offersOf(trial, object)).map((offer) => [
      offer.name,
      String(offer.disabled ?? false),
      offer.reason ?? '',
    ]);
    return formatTable(['NAME', 'DISABLED', 'REASON'], rows);
  },
  async compare(trial, object, expected) {
    const wanted = parse(ExpectedActions, expected).actions.map(availability).sort();
    const found = (await offersOf(trial, object)).map(availability).sort();
    return sameJson(wanted, found) ? '' : `actions are ${found.join(', ')}, not ${wanted.join(', ')}`;
  },
};

function availability({ name, disabled }: { name: string; disabled?: boolean | undefined }): string {
  return disabled === true ? `${name} (disabled)` : name;
}

const ExpectedRun = z.looseObject({
  action: z.string(),
  parameters: z.record(z.string(), z.string()).optional(),
  patch: z.unknown().optional(),
  created: z.array(z.unknown()).optional(),
});

/** What an action does to an object, as a merge patch and new objects. */
export function tryAction(action: string, values: Readonly<Record<string, string>>): Attempt {
  return {
    async show(trial, object) {
      const { patch, created } = changesOf(object, await impactsOf(trial, object, action, values));
      if (patch === undefined && created.length === 0) return 'Fields has not been changed\n';
      const changed =
        patch === undefined ? '' : `Following fields have been changed:\n\n${formatYaml(patch)}`;
      const made = created.map((manifest) => `Following resource was created:\n\n${formatYaml(manifest)}`);
      return [changed, ...made].filter((part) => part !== '').join('\n');
    },
    async compare(trial, object, expected) {
      const wanted = parse(ExpectedRun, expected);
      const impacts = await impactsOf(trial, object, wanted.action, wanted.parameters ?? {});
      const { patch, created } = changesOf(object, impacts);
      if (!sameJson(patch ?? {}, wanted.patch ?? {})) return `patch is ${formatJson(patch ?? {})}`;
      return sameJson(created, wanted.created ?? []) ? '' : `created is ${formatJson(created)}`;
    },
  };
}

function impactsOf(
  { settings, lua, now }: Trial,
  object: Manifest,
  name: string,
  values: Readonly<Record<string, string>>,
): Promise<readonly Impact[]> {
  return performAction(settings, object, { name, values, now }, lua.run);
}

function changesOf(object: Manifest, impacts: readonly Impact[]) {
  const patched = impacts.find(({ operation }) => operation === 'patch');
  return {
    patch: patched === undefined ? undefined : mergePatchBetween(object, patched.manifest),
    created: impacts.filter(({ operation }) => operation === 'create').map(({ manifest }) => manifest),
  };
}

function parse<Shape extends z.ZodType>(shape: Shape, value: unknown): z.infer<Shape> {
  const read = shape.safeParse(value);
  if (read.success) return read.data;
  throw new KeelsonError(
    'manifest-invalid',
    `expected.yaml: ${formatIssues(issuesOfZod(read.error, value))}`,
  );
}
