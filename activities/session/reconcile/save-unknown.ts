import { withoutVerdict } from '../../../core/application/observe.ts';
import type { Observation } from '../../../db/queries/application/observed.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { answeredBy, type Subject } from './subject.ts';

/** Nothing is known while a comparison can't be made; what was seen last stays, without a verdict. */
export async function saveUnknown(
  { observations }: Pick<ClusterSession, 'observations'>,
  subject: Pick<Subject, 'application' | 'dirty'>,
  conditions: Observation['conditions'],
): Promise<void> {
  const { application } = subject;
  const { healthStatus, healthMessage, resources, summary } = application;
  await observations.save(application, {
    observed: {
      syncStatus: 'Unknown',
      healthStatus,
      healthMessage,
      resources: resources.map(withoutVerdict),
      summary,
    },
    conditions,
    ...answeredBy(subject),
  });
}
