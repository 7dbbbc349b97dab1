import type { Application } from '../../core/application/spec/spec.ts';
import type { ApplicationEvent } from '../../core/wire/application.ts';
import { identityOf } from '../model/application-name.ts';

/** Applications by what tells them apart, in the order of their names. */
export type Applications = ReadonlyMap<string, Application>;

export function indexApplications(items: readonly Application[]): Applications {
  const order = ({ metadata: { name, namespace = '' } }: Application) => `${name} ${namespace}`;
  const sorted = [...items].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  return new Map(sorted.map((application) => [identityOf(application), application]));
}

/** Applies a batch of stream events; the order of names is kept when one is added. */
export function applyEvents(applications: Applications, events: readonly ApplicationEvent[]): Applications {
  const next = new Map(applications);
  let added = false;
  for (const { type, application } of events) {
    const name = identityOf(application);
    if (type === 'DELETED') {
      next.delete(name);
      continue;
    }
    added ||= !next.has(name);
    next.set(name, application);
  }
  return added ? indexApplications([...next.values()]) : next;
}
