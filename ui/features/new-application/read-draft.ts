import { parse, stringify, YAMLParseError } from 'yaml';
import { readApplication } from '../../../core/application/spec/read-application.ts';
import type { Application } from '../../../core/application/spec/spec.ts';
import type { Issue } from '../../../core/issue.ts';
import { ApiError } from '../../api-error.ts';
import { applicationOf, type Draft, draftOfApplication } from './draft.ts';

/** The form's fields for a text; an unfinished form that went through unchanged is taken as it was. */
export function draftOfText(yaml: string, draft: Draft): Draft {
  if (yaml === stringify(applicationOf(draft))) return draft;
  const { value, issues } = readApplication(parsed(yaml));
  if (issues !== undefined)
    throw new ApiError(400, 'the application is not valid yet; correct it first', issues);
  const read = draftOfApplication(value);
  if (read !== undefined) return read;
  throw new ApiError(400, 'the YAML says more than the form has fields for; create it from here');
}

/** Checks with the server's own rules before anything is sent, so every problem shows at its field. */
export function checked(application: unknown): Application {
  const { value, issues } = readApplication(application);
  if (issues === undefined) return value;
  throw new ApiError(400, 'the application is not valid yet; correct what is listed', issues);
}

/** What a text says; where it can't be read the line is an issue. */
export function parsed(yaml: string): unknown {
  try {
    return parse(yaml);
  } catch (error) {
    const place = error instanceof YAMLParseError ? error.linePos?.[0] : undefined;
    const path = place === undefined ? 'YAML' : `line ${place.line}`;
    throw new ApiError(400, 'the YAML cannot be read; correct it', [
      { path, message: firstLine(error) } satisfies Issue,
    ]);
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
