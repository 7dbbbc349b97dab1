import { useState } from 'react';
import type { Application } from '../../core/application/spec/spec.ts';
import type { ApplicationFrame } from '../../core/wire/application.ts';
import { applicationStream, getApplication } from '../api.ts';
import { isNamed } from '../model/application-name.ts';
import { type Freshness, useFollow } from './use-follow.ts';

export type FollowedApplication = {
  readonly application: Application | undefined;
  readonly deleted: boolean;
  readonly refused: string | undefined;
  readonly freshness: Freshness;
  /** Takes over a newer state that a request returned. */
  readonly replace: (application: Application) => void;
};

/** One application, kept current by the stream. */
export function useApplication(name: string): FollowedApplication {
  const [application, setApplication] = useState<Application>();
  const [deleted, setDeleted] = useState(false);
  const [refused, setRefused] = useState<string>();
  const freshness = useFollow<ApplicationFrame>(name, {
    start: async (signal) => {
      setApplication(await getApplication(name, signal));
      return applicationStream(name);
    },
    batch: (frames) => {
      const last = frames.flatMap((frame) => ('result' in frame ? frame.result : [])).at(-1);
      if (last === undefined || !isNamed(last.application, name)) return;
      setDeleted(last.type === 'DELETED');
      if (last.type !== 'DELETED') setApplication(last.application);
    },
    refused: (error) => setRefused(error.message),
  });
  return {
    application,
    deleted,
    refused,
    freshness,
    replace: (next) => setApplication((last) => newerOf(last, next)),
  };
}

/** The state to keep when a reply may have been overtaken by the stream. */
function newerOf(last: Application | undefined, next: Application): Application {
  const version = (application: Application) => Number(application.metadata.resourceVersion ?? 0);
  return last !== undefined && version(last) > version(next) ? last : next;
}
