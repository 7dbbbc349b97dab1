import { z } from 'zod';
import { readDuration } from '../text/duration.ts';
import type { Report } from './words/problem.ts';
import { readYamlAs } from './words/read-value.ts';

/** For how long what is stored is kept, in seconds. */
export type Retention = {
  /** Ended operations with their results; 0 means for ever. The newest and those in an application's history stay. */
  readonly operations: number;
  /** Plans, steps and waits as rows, and the manifests that they alone need; folded into the packed result then. */
  readonly details: number;
  /** Who did what. */
  readonly audit: number;
  /** Changes that a stream may still be behind on. */
  readonly changes: number;
  /** Webhook deliveries, so that one that is repeated changes nothing. */
  readonly deliveries: number;
  /** Renders and manifests that nothing names any more, from their last use on. */
  readonly content: number;
  /** Histories of ended workflows; 0 means as long as the engine's namespace says. */
  readonly workflows: number;
};

const hour = 3600;
const day = 24 * hour;

export const defaultRetention: Retention = {
  operations: 0,
  details: 90 * day,
  audit: 400 * day,
  changes: day,
  deliveries: 7 * day,
  content: day,
  workflows: 0,
};

/** Below it, what is being used could go. */
const shortestSeconds = 300;

const names = Object.keys(defaultRetention) as (keyof Retention)[];

const Times = z.record(z.string(), z.union([z.string(), z.number()]));

/** Reads the times of `keelson.retention`, a map from what is kept to a duration; undefined where it can't be used. */
export function readRetention(text: string, report: Report): Retention | undefined {
  const times = readYamlAs(Times, text, report);
  if (times === undefined) return undefined;
  const read: Record<keyof Retention, number> = { ...defaultRetention };
  let fine = true;
  for (const [name, value] of Object.entries(times)) {
    const known = names.find((one) => one === name);
    const seconds = readDuration(String(value).trim());
    const problem =
      known === undefined
        ? `is nothing that is kept; write one of ${names.join(', ')}`
        : problemOf(known, seconds);
    if (problem === undefined && known !== undefined && seconds !== undefined) read[known] = seconds;
    else {
      report(problem ?? '', name);
      fine = false;
    }
  }
  return fine ? read : undefined;
}

/** What 0 means, where it is allowed. */
const unboundedWords: Readonly<Partial<Record<keyof Retention, string>>> = {
  operations: 'no end',
  workflows: "the time of the engine's namespace",
};

function problemOf(name: keyof Retention, seconds: number | undefined): string | undefined {
  if (seconds === undefined) return 'must be a duration such as 24h or 90m; change it';
  const unbounded = unboundedWords[name];
  if ((seconds === 0 && unbounded !== undefined) || seconds >= shortestSeconds) return undefined;
  return `must be at least 5m${unbounded === undefined ? '' : `, or 0 for ${unbounded}`}; change it`;
}
