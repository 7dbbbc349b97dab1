import { useState } from 'react';
import type { ApplicationFrame } from '../../core/wire/application.ts';
import { applicationsStream, listApplications } from '../api.ts';
import { type Applications, applyEvents, indexApplications } from './application-events.ts';
import { type Freshness, useFollow } from './use-follow.ts';

type FollowedApplications = {
  /** Undefined until the first list has arrived. */
  readonly applications: Applications | undefined;
  readonly refused: string | undefined;
  readonly freshness: Freshness;
};

/** All applications that the user may see, kept current by the stream. */
export function useApplications(): FollowedApplications {
  const [applications, setApplications] = useState<Applications>();
  const [refused, setRefused] = useState<string>();
  const freshness = useFollow<ApplicationFrame>('applications', {
    start: async (signal) => {
      const list = await listApplications(signal);
      setApplications(indexApplications(list.items));
      return applicationsStream(list.metadata?.resourceVersion);
    },
    batch: (frames) => {
      const events = frames.flatMap((frame) => ('result' in frame ? frame.result : []));
      setApplications((last) => applyEvents(last ?? new Map(), events));
    },
    refused: (error) => setRefused(error.message),
  });
  return { applications, refused, freshness };
}
