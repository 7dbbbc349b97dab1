import type { Issue } from '../../issue.ts';
import { readDuration } from '../../text/duration.ts';
import type { ApplicationSource } from '../source/source-spec.ts';
import { checkTexts } from './check-texts.ts';
import type { Application } from './spec.ts';
import type { Destination, RetryStrategy } from './sync-policy.ts';

/** Checks the rules that field types cannot say; returns every breach with its remedy. */
export function checkApplication(application: Application): Issue[] {
  const { metadata, spec, operation } = application;
  return [
    ...checkTexts(application),
    ...checkName(metadata.name),
    ...checkSources(spec.source, spec.sources),
    ...checkDestination(spec.destination),
    ...checkRetry(spec.syncPolicy?.retry, 'spec.syncPolicy.retry'),
    ...checkRetry(operation?.retry, 'operation.retry'),
    ...checkSyncOptions(spec.syncPolicy?.syncOptions ?? []),
    ...checkHistoryLimit(spec.revisionHistoryLimit),
  ];
}

const objectName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function checkName(name: string): Issue[] {
  if (objectName.test(name) && name.length <= 253) return [];
  const message =
    name === ''
      ? 'is empty; name the application'
      : `"${name}" is not a valid name; use at most 253 lower-case letters, digits, "-" and "."`;
  return [{ path: 'metadata.name', message }];
}

function checkSources(source?: ApplicationSource, sources: readonly ApplicationSource[] = []): Issue[] {
  if (sources.length > 0) return checkMultipleSources(sources);
  if (source === undefined) {
    return [{ path: 'spec.source', message: 'is missing; add a source with repoURL and path or chart' }];
  }
  const issues = checkSource(source, 'spec.source');
  if (isEmpty(source.path) && isEmpty(source.chart) && !isOci(source)) {
    issues.push({
      path: 'spec.source.path',
      message: 'is missing and so is chart; set path ("." for the repository root) or chart',
    });
  }
  return issues;
}

function checkMultipleSources(sources: readonly ApplicationSource[]): Issue[] {
  const issues: Issue[] = [];
  const refs = new Set<string>();
  for (const [index, source] of sources.entries()) {
    const path = `spec.sources[${index}]`;
    issues.push(...checkSource(source, path));
    if (isEmpty(source.path) && isEmpty(source.chart) && isEmpty(source.ref) && !isOci(source)) {
      issues.push({ path, message: 'has none of path, chart and ref; set one of them' });
    }
    if (isEmpty(source.ref)) continue;
    issues.push(...checkRef(source, path, refs));
    refs.add(source.ref ?? '');
  }
  return issues;
}

function checkRef(source: ApplicationSource, path: string, taken: ReadonlySet<string>): Issue[] {
  const ref = source.ref ?? '';
  const issues: Issue[] = [];
  if (!/^[a-zA-Z0-9_-]+$/.test(ref)) {
    issues.push({ path: `${path}.ref`, message: `"${ref}" is not valid; use letters, digits, "_" and "-"` });
  }
  if (taken.has(ref)) {
    issues.push({ path: `${path}.ref`, message: `"${ref}" is used by another source; choose another name` });
  }
  if (!isEmpty(source.chart)) {
    issues.push({
      path: `${path}.ref`,
      message: 'is set on a Helm chart, which other sources cannot refer to; remove ref or chart',
    });
  }
  return issues;
}

function checkSource(source: ApplicationSource, path: string): Issue[] {
  const issues: Issue[] = [];
  if (isEmpty(source.repoURL)) {
    issues.push({ path: `${path}.repoURL`, message: 'is empty; set the URL of the repository' });
  }
  if (!isEmpty(source.chart) && isEmpty(source.targetRevision)) {
    issues.push({
      path: `${path}.targetRevision`,
      message: 'is missing, and a Helm chart needs it; set the chart version, such as 1.2.3 or 1.x',
    });
  }
  if (source.path?.startsWith('/') || source.path?.split('/').includes('..')) {
    issues.push({
      path: `${path}.path`,
      message: `"${source.path}" leaves the repository; write it relative to the repository root`,
    });
  }
  const blocks = (['helm', 'kustomize', 'directory', 'plugin'] as const).filter((name) => source[name]);
  if (blocks.length > 1) {
    issues.push({
      path,
      message: `multiple application sources defined: ${blocks.join(', ')}; keep one of them`,
    });
  }
  return issues;
}

function checkDestination(destination: Destination): Issue[] {
  const path = 'spec.destination';
  const { server, name } = destination;
  if (isEmpty(server) && isEmpty(name)) {
    return [{ path, message: 'names no cluster; set server (its API URL) or name' }];
  }
  if (!isEmpty(server) && !isEmpty(name)) {
    return [{ path, message: 'has both server and name; keep one of them' }];
  }
  return [];
}

const namespaceName = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Whether a cluster could have a namespace of this name. */
export function isNamespaceName(name: string): boolean {
  return namespaceName.test(name);
}

/** Checks what no cluster would take; apart from the rest, for what is stored already stays changeable. */
export function checkNamespace({ namespace = '' }: Destination): Issue[] {
  if (namespace === '' || isNamespaceName(namespace)) return [];
  const message = `"${namespace}" is not a valid name of a namespace; use at most 63 lower-case letters, digits and "-", with a letter or digit at both ends`;
  return [{ path: 'spec.destination.namespace', message }];
}

function checkRetry(retry: RetryStrategy | undefined, path: string): Issue[] {
  const issues: Issue[] = [];
  for (const field of ['duration', 'maxDuration'] as const) {
    const text = retry?.backoff?.[field];
    if (text === undefined || text === '') continue;
    const seconds = readDuration(text);
    if (seconds !== undefined && seconds >= 0) continue;
    issues.push({
      path: `${path}.backoff.${field}`,
      message: `"${text}" is not a duration; write a number with a unit such as 5s, 3m or 1h30m`,
    });
  }
  const factor = retry?.backoff?.factor;
  if (factor !== undefined && factor < 0) {
    issues.push({ path: `${path}.backoff.factor`, message: 'is negative; use 1 or more' });
  }
  return issues;
}

function checkSyncOptions(options: readonly string[]): Issue[] {
  const issues: Issue[] = [];
  for (const [index, option] of options.entries()) {
    if (option.includes('=')) continue;
    issues.push({
      path: `spec.syncPolicy.syncOptions[${index}]`,
      message: `"${option}" has no value; write it as ${option}=true`,
    });
  }
  return issues;
}

function checkHistoryLimit(limit: number | undefined): Issue[] {
  if (limit === undefined || limit >= 0) return [];
  return [{ path: 'spec.revisionHistoryLimit', message: 'is negative; use 0 or more' }];
}

function isOci(source: ApplicationSource): boolean {
  return source.repoURL.startsWith('oci://');
}

function isEmpty(text: string | undefined): boolean {
  return text === undefined || text === '';
}
