import type { Issue } from '../../issue.ts';
import { type Glob, tryPattern } from '../../text/glob.ts';
import { foreignPattern } from '../foreign-pattern.ts';
import { isOwnResource } from '../resources.ts';
import type { GrantLine } from './lines.ts';

/** How the fields of lines are held against a request: whole, or as regular expressions found anywhere. */
export type MatchMode = 'glob' | 'regex';

/** A line that was made ready for many requests. */
export type Rule = {
  readonly line: GrantLine;
  readonly mode: MatchMode;
  readonly resource: Glob;
  readonly action: Glob;
  readonly object: Glob;
  /** The project that all objects of the line are in; undefined for a line of objects of several. */
  readonly project: string | undefined;
};

/** Rules by the subject that they speak of, and the lines that can't be used. */
export type Rules = {
  readonly bySubject: ReadonlyMap<string, readonly Rule[]>;
  readonly issues: readonly Issue[];
};

/** Makes lines ready. A line with a field that is no pattern is left out and named. */
export function makeRules(lines: readonly GrantLine[], mode: MatchMode): Rules {
  const bySubject = new Map<string, Rule[]>();
  const issues: Issue[] = [];
  const patterns = new Map<string, Glob | undefined>();
  const read = (text: string): Glob | undefined => {
    if (!patterns.has(text)) patterns.set(text, mode === 'regex' ? foreignPattern(text) : tryPattern(text));
    return patterns.get(text);
  };
  for (const line of lines) {
    const [resource, action, object] = [read(line.resource), read(line.action), read(line.object)];
    if (resource === undefined || action === undefined || object === undefined) {
      issues.push({ path: line.place, message: faultOf(line, read, mode) });
      continue;
    }
    const project = mode === 'glob' ? projectIn(line.object) : undefined;
    const known = bySubject.get(line.subject);
    const rule = { line, mode, resource, action, object, project };
    if (known === undefined) bySubject.set(line.subject, [rule]);
    else known.push(rule);
  }
  return { bySubject, issues };
}

function faultOf(line: GrantLine, read: (text: string) => Glob | undefined, mode: MatchMode): string {
  const text = [line.resource, line.action, line.object].find((field) => read(field) === undefined) ?? '';
  return mode === 'glob'
    ? `has "${text.slice(0, 100)}", which is no glob; write its ranges upwards and at most 1024 characters`
    : `has "${text.slice(0, 100)}", which is no regular expression; correct it, such as .* for everything`;
}

/** What stands before the first slash, where it is no pattern. */
function projectIn(object: string): string | undefined {
  const at = object.indexOf('/');
  const project = object.slice(0, Math.max(at, 0));
  return at === -1 || /[*?[\]{}\\,]/.test(project) ? undefined : project;
}

/** Whether a rule is about a resource: one of Keelson's own is granted by name only, and denied by any pattern. */
export function isAbout({ line, resource }: Rule, asked: string): boolean {
  if (!resource.test(asked)) return false;
  return line.effect === 'deny' || !isOwnResource(asked) || line.resource.includes(asked);
}
