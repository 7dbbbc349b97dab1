import { KeelsonError } from '../../errors.ts';
import { formatIssues } from '../../issue.ts';
import { formatJson, parseJson } from '../../object/json/json.ts';
import { mergePatch } from '../../object/json/merge-patch.ts';
import { isFields } from '../../object/manifest/check-manifest.ts';
import { type ReadValue, readUpToEnd } from '../../yaml/read.ts';
import { UnreadableError } from '../../yaml/unreadable.ts';
import { checkSourceTexts } from '../spec/check-texts.ts';
import { issuesOfZod } from '../spec/shape-issue.ts';
import { ApplicationSource } from './source-spec.ts';

/** Files in a source's folder that change the source's options, in the order in which they are applied. */
export function overrideFiles(instanceName: string): readonly string[] {
  return ['.argocd-source.yaml', `.argocd-source-${instanceName}.yaml`];
}

/** Where a source is read from is the application's to say; a file in the repository can't lead elsewhere. */
const fixedFields = ['repoURL', 'path', 'targetRevision', 'chart', 'ref', 'name', 'tagPrefix'] as const;

/** A source after a file, and from which line on that was passed over, as the reference does. */
export type OverriddenSource = {
  readonly source: ApplicationSource;
  readonly passedOver: number | undefined;
};

/** A source with an override file laid over it as a JSON merge patch. */
export function overrideSource(source: ApplicationSource, file: string, text: string): OverriddenSource {
  const { value, ...rest } = readOverride(file, text);
  if (value === null) return { source, ...rest };
  if (isFields(value)) return { source: patchSource(source, file, value), ...rest };
  throw invalid(file, 'is no map of fields; write fields of a source such as kustomize or helm');
}

function patchSource(
  source: ApplicationSource,
  file: string,
  patch: Readonly<Record<string, unknown>>,
): ApplicationSource {
  const fixed = Object.fromEntries(fixedFields.map((field) => [field, source[field]]));
  const merged: unknown = parseJson(formatJson({ ...asFields(mergePatch(source, patch)), ...fixed }));
  const read = ApplicationSource.safeParse(merged);
  if (!read.success) throw invalid(file, formatIssues(issuesOfZod(read.error, merged)));
  const issues = checkSourceTexts(read.data, merged);
  if (issues.length > 0) throw invalid(file, formatIssues(issues));
  return read.data;
}

function readOverride(file: string, text: string): ReadValue {
  try {
    return readUpToEnd(text, 'sourceOverride');
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    throw invalid(`${file}:${error.line}`, error.message);
  }
}

function asFields(value: unknown): Readonly<Record<string, unknown>> {
  return isFields(value) ? value : {};
}

function invalid(file: string, problem: string): KeelsonError {
  return new KeelsonError('render-failed', `${file}: ${problem}`);
}
