import type { Application } from '../../../core/application/spec/spec.ts';
import { healthStatuses } from '../../../core/application/words.ts';
import { healthOf } from './filter.ts';

/** The share of each health over all applications, as one thin bar. */
export function HealthBar({ applications }: { readonly applications: readonly Application[] }) {
  const counts = healthStatuses.map((status) => ({
    status,
    count: applications.filter((application) => healthOf(application) === status).length,
  }));
  const shown = counts.filter(({ count }) => count > 0);
  const text = shown.map(({ status, count }) => `${count} ${status}`).join(', ');
  return (
    <div className="health-bar" role="img" aria-label={text} title={text}>
      {shown.map(({ status, count }) => (
        <span key={status} className={`status-${status}`} style={{ flexGrow: count }} />
      ))}
    </div>
  );
}
