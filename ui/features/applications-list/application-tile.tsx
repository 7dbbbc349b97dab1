import { sourcesOf } from '../../../core/application/source/source.ts';
import type { Application } from '../../../core/application/spec/spec.ts';
import { Icon } from '../../components/icon.tsx';
import { HealthBadge, SyncBadge } from '../../components/status.tsx';
import { Ago } from '../../components/time.tsx';
import { applicationPath } from '../../location.ts';
import { activityOf, destinationOf, lastSyncOf, sourceLinesOf } from '../../model/application-facts.ts';
import { qualifiedName } from '../../model/application-name.ts';
import { Link } from '../../router.tsx';
import { healthOf, syncOf } from './filter.ts';

/** One application as a tile: what it is, where it goes, how it is, and its two commonest actions. */
export function ApplicationTile({ application }: { readonly application: Application }) {
  const name = qualifiedName(application);
  const { repository, place } = sourceLinesOf(application);
  const health = healthOf(application);
  const last = lastSyncOf(application);
  return (
    <article className={`tile status-edge-${health}`}>
      <header className="tile-head">
        <h3>
          <Link to={applicationPath(name)} className="tile-link">
            {name}
          </Link>
        </h3>
        <span className="tag">{application.spec.project}</span>
      </header>
      <div className="tile-status">
        <HealthBadge status={health} title={application.status?.health?.message ?? health} />
        <SyncBadge status={syncOf(application)} />
        <ActivityMark application={application} />
      </div>
      <dl className="tile-facts">
        <dt>
          <Icon name="git" />
          <span className="sr">Source</span>
        </dt>
        <dd
          title={sourcesOf(application.spec)
            .map(({ repoURL }) => repoURL)
            .join('\n')}
        >
          {repository}
          <br />
          <span className="faint">{place}</span>
        </dd>
        <dt>
          <Icon name="cluster" />
          <span className="sr">Destination</span>
        </dt>
        <dd>{destinationOf(application)}</dd>
      </dl>
      <footer className="tile-foot">
        <span className="faint">
          {last === undefined ? (
            'never synced'
          ) : (
            <>
              {last.text} <Ago time={last.time} />
            </>
          )}
        </span>
        <Link to={applicationPath(name, { panel: 'sync' })} className="tile-action" label={`Sync ${name}`}>
          <Icon name="sync" /> Sync
        </Link>
      </footer>
    </article>
  );
}

/** What is going on with an application right now, or that its last sync went wrong. */
export function ActivityMark({ application }: { readonly application: Application }) {
  const activity = activityOf(application);
  if (activity === undefined) return null;
  return (
    <span className={`badge tone-${activity.tone}`}>
      <Icon name={activity.busy ? 'spinner' : 'cross'} spin={activity.busy} />
      <span className="badge-text">{activity.text}</span>
    </span>
  );
}
