import type { Issue } from '../../issue.ts';
import { lengthFault } from '../../text/field-limits.ts';
import { unstorablePart } from '../../text/storable-text.ts';
import type { ApplicationSource } from '../source/source-spec.ts';
import type { Application } from './spec.ts';

/** What of a value that somebody wrote nothing can store; asked before a schema leaves anything out. */
export function checkStorable(given: unknown): Issue[] {
  const part = unstorablePart(given);
  return part === undefined ? [] : [{ path: part.path, message: part.fault }];
}

/** The fields of an application that are longer than they can be. */
export function checkTexts(application: Application): Issue[] {
  const { metadata, spec } = application;
  const sources = spec.sources ?? [];
  return [
    ...fieldIssues('metadata', { namespace: metadata.namespace }),
    ...fieldIssues('spec', { project: spec.project }),
    ...fieldIssues('spec.destination', spec.destination),
    ...(spec.source === undefined ? [] : sourceIssues('spec.source', spec.source)),
    ...sources.flatMap((source, at) => sourceIssues(`spec.sources[${at}]`, source)),
  ];
}

/** What of a source that stands by itself nothing can store, and its fields that are longer than they can be. */
export function checkSourceTexts(source: ApplicationSource, given: unknown): Issue[] {
  return [...checkStorable(given), ...sourceIssues('', source)];
}

function sourceIssues(path: string, source: ApplicationSource): Issue[] {
  const { include, exclude } = source.directory ?? {};
  return [
    ...fieldIssues(path, source),
    ...[{ include }, { exclude }].flatMap((one) => fieldIssues(at(path, 'directory'), one, 'directoryGlob')),
  ];
}

/** The fields of an object that are texts, each by the limit of its name. */
function fieldIssues(path: string, fields: object, limit?: string): Issue[] {
  return Object.entries(fields).flatMap(([name, text]) => {
    const message = typeof text === 'string' ? lengthFault(limit ?? name, text) : undefined;
    return message === undefined ? [] : [{ path: at(path, name), message }];
  });
}

function at(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
