import { normalizePair } from '../../core/diff/rules/normalize.ts';
import { formatJqFault, jqExpressions, type ObjectRules, rulesFor } from '../../core/diff/rules/rules.ts';
import { maskPair } from '../../core/diff/secrets/mask.ts';
import { KeelsonError } from '../../core/errors.ts';
import { sameJson } from '../../core/object/json/canonical.ts';
import { formatKey } from '../../core/object/key.ts';
import { checkManifest, isFields } from '../../core/object/manifest/check-manifest.ts';
import { keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import { ownField } from '../../core/own-field.ts';
import { type ObjectDiff, stateText } from '../render/object-diff.ts';
import { formatYaml } from '../terminal/output.ts';
import type { Attempt, Trial } from './try-override.ts';

/** What `ignoreDifferences` leaves out of an object; the given function shows two states of it side by side. */
export function tryIgnoring(showDiff: (states: ObjectDiff) => Promise<string>): Attempt {
  return {
    async show(trial, object) {
      const { rules, whole, kept } = await leaveOut(trial, object);
      const { jsonPointers, jqPathExpressions, managers } = rules;
      const title = formatKey(keyOf(object));
      if (jsonPointers.length + jqPathExpressions.length + managers.length === 0) {
        return `Ignore differences are not configured for '${title}'\n`;
      }
      const hint = managers.length > 0 && object.metadata.managedFields === undefined ? ownersHint : '';
      if (sameJson(whole, kept)) {
        const written = { jsonPointers, jqPathExpressions, managedFieldsManagers: managers };
        return `No fields are ignored by ignoreDifferences settings:\n\n${formatYaml(written)}${hint}`;
      }
      const { live, target } = maskPair({ live: whole, target: kept }, trial.settings.maskedAnnotations);
      const { name = '' } = object.metadata;
      const states = { heading: title, name, live: stateText(live), target: stateText(target) };
      return `Following fields are ignored:\n\n${await showDiff(states)}${hint}`;
    },
    async compare(trial, object, expected) {
      const { rules, kept } = await leaveOut(trial, object);
      const [read] = checkManifest(expected).manifests;
      const wanted = read === undefined ? expected : written(read, withoutIgnoring(rules));
      return differences(kept, wanted, '').join(', ');
    },
  };
}

const ownersHint =
  '\nmanagedFieldsManagers has an effect only on a file with metadata.managedFields;' +
  ' write it by kubectl get -o yaml --show-managed-fields\n';

/** An object in the form in which objects are compared, and what is kept of that. */
type LeftOut = { readonly rules: ObjectRules; readonly whole: Manifest; readonly kept: Manifest };

async function leaveOut({ settings, jq }: Trial, object: Manifest): Promise<LeftOut> {
  // The status goes by resource.compareoptions; here it would hide what ignoreDifferences does.
  const all = { settings: { ...settings, ignoredStatus: 'none' as const }, ignoreDifferences: [] };
  for (const named of jqExpressions(all)) {
    const fault = await jq.faultOf(named.expression);
    if (fault !== undefined) throw new KeelsonError('manifest-invalid', formatJqFault(named, fault));
  }
  const rules = rulesFor(object, all);
  const kept = await jq.remove(written(object, rules), rules.jqPathExpressions);
  return { rules, whole: written(object, withoutIgnoring(rules)), kept };
}

function withoutIgnoring(rules: ObjectRules): ObjectRules {
  return { ...rules, jsonPointers: [], managers: [] };
}

function written(object: Manifest, rules: ObjectRules): Manifest {
  return normalizePair({ predicted: object, live: object }, rules).live;
}

/** Where two values differ, without the values, which may be a Secret's. */
function differences(found: unknown, wanted: unknown, place: string): string[] {
  if (sameJson(found, wanted)) return [];
  if (wanted === undefined) return [`${place} is not ignored`];
  if (found === undefined) return [`${place} is ignored`];
  if (isFields(found) && isFields(wanted)) {
    const names = new Set([...Object.keys(found), ...Object.keys(wanted)]);
    return [...names].flatMap((name) =>
      differences(
        ownField(found, name),
        ownField(wanted, name),
        `${place}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      ),
    );
  }
  if (Array.isArray(found) && Array.isArray(wanted) && found.length === wanted.length) {
    return found.flatMap((element, at) => differences(element, wanted[at], `${place}/${at}`));
  }
  return [`${place || 'the object'} is not as expected`];
}
