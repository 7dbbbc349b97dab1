import type { Application } from '../../../core/application/spec/spec.ts';
import { HealthBadge, SyncBadge } from '../../components/status.tsx';
import { Ago } from '../../components/time.tsx';
import { applicationPath } from '../../location.ts';
import { destinationOf, lastSyncOf, sourceLinesOf } from '../../model/application-facts.ts';
import { qualifiedName } from '../../model/application-name.ts';
import { Link } from '../../router.tsx';
import { ActivityMark } from './application-tile.tsx';
import { healthOf, syncOf } from './filter.ts';

/** Applications as rows, for many at a glance. */
export function ApplicationTable({ applications }: { readonly applications: readonly Application[] }) {
  return (
    <div className="table-scroll">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Health</th>
            <th scope="col">Sync</th>
            <th scope="col">Source</th>
            <th scope="col">Destination</th>
            <th scope="col">Last sync</th>
          </tr>
        </thead>
        <tbody>
          {applications.map((application) => (
            <ApplicationRow key={qualifiedName(application)} application={application} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ApplicationRow({ application }: { readonly application: Application }) {
  const name = qualifiedName(application);
  const last = lastSyncOf(application);
  const { repository, place } = sourceLinesOf(application);
  return (
    <tr>
      <th scope="row">
        <Link to={applicationPath(name)} className="row-link">
          {name}
        </Link>
        <div className="faint">{application.spec.project}</div>
      </th>
      <td>
        <HealthBadge status={healthOf(application)} />
      </td>
      <td>
        <div className="row-status">
          <SyncBadge status={syncOf(application)} />
          <ActivityMark application={application} />
        </div>
      </td>
      <td>
        {repository}
        <div className="faint">{place}</div>
      </td>
      <td>{destinationOf(application)}</td>
      <td className="nowrap">
        {last === undefined ? null : (
          <>
            {last.text} <Ago time={last.time} />
          </>
        )}
      </td>
    </tr>
  );
}
