import { lazy, Suspense, useDeferredValue, useMemo, useState } from 'react';
import type { Application } from '../../core/application/spec/spec.ts';
import { Button } from '../components/button.tsx';
import { Loading, Trouble } from '../components/notice.tsx';
import { StaleBanner } from '../components/stale-banner.tsx';
import { ApplicationTable } from '../features/applications-list/application-table.tsx';
import { ApplicationTile } from '../features/applications-list/application-tile.tsx';
import { clearFilters } from '../features/applications-list/clear-filters.ts';
import {
  filterApplications,
  isNarrowed,
  type ListFilter,
  readFilter,
} from '../features/applications-list/filter.ts';
import { FilterBar } from '../features/applications-list/filter-bar.tsx';
import { FirstApplication } from '../features/applications-list/first-application.tsx';
import { HealthBar } from '../features/applications-list/health-bar.tsx';
import { type ListView, Toolbar } from '../features/applications-list/toolbar.tsx';
import { applicationPath } from '../location.ts';
import { qualifiedName } from '../model/application-name.ts';
import { changeQuery, navigate, useLocation } from '../router.tsx';
import { useApplications } from '../state/use-applications.ts';
import { useTitle } from '../state/use-title.ts';

const NewApplicationPanel = lazy(async () => ({
  default: (await import('../features/new-application/new-application-panel.tsx')).NewApplicationPanel,
}));

/** How many applications are drawn at first, and how many more at each "show more". */
const pageSize = 60;

/** All applications, live. */
export function ApplicationsPage() {
  const { query } = useLocation();
  const { applications, refused, freshness } = useApplications();
  useTitle('Applications');
  const openPanel = () => changeQuery({ panel: 'new' });
  const view: ListView = query.get('view') === 'table' ? 'table' : 'tiles';
  const all = useMemo(() => [...(applications?.values() ?? [])], [applications]);
  return (
    <>
      <StaleBanner freshness={freshness} />
      <div className="page">
        <header className="page-head">
          <h1>Applications</h1>
          {all.length === 0 ? null : <HealthBar applications={all} />}
        </header>
        <Toolbar search={query.get('search') ?? ''} view={view} onCreate={openPanel} />
        <ListBody
          applications={applications === undefined ? undefined : all}
          refused={refused}
          error={freshness.error}
          filter={readFilter(query)}
          view={view}
          onCreate={openPanel}
        />
      </div>
      {query.get('panel') === 'new' ? (
        <Suspense fallback={null}>
          <NewApplicationPanel
            onClose={() => changeQuery({ panel: undefined })}
            onCreated={(name) => navigate(applicationPath(name))}
          />
        </Suspense>
      ) : null}
    </>
  );
}

type ListBodyProps = {
  readonly applications: readonly Application[] | undefined;
  readonly refused: string | undefined;
  readonly error: string | undefined;
  readonly filter: ListFilter;
  readonly view: ListView;
  readonly onCreate: () => void;
};

function ListBody({ applications, refused, error, filter, view, onCreate }: ListBodyProps) {
  if (refused !== undefined) return <Trouble title="Applications cannot be shown" message={refused} />;
  if (applications === undefined && error !== undefined) {
    return <Trouble title="Applications cannot be shown" message={`${error}. Trying again by itself.`} />;
  }
  if (applications === undefined) return <Loading what="applications" />;
  if (applications.length === 0) return <FirstApplication onCreate={onCreate} />;
  return <Listing applications={applications} filter={filter} view={view} />;
}

type ListingProps = {
  readonly applications: readonly Application[];
  readonly filter: ListFilter;
  readonly view: ListView;
};

function Listing({ applications, filter, view }: ListingProps) {
  const [limit, setLimit] = useState(pageSize);
  const shown = filterApplications(applications, useDeferredValue(filter));
  const page = shown.slice(0, limit);
  return (
    <div className="listing">
      <FilterBar applications={applications} filter={filter} />
      <section aria-label="Applications" className="listing-body">
        <p className="listing-count" role="status">
          {isNarrowed(filter) ? `${shown.length} of ${applications.length}` : applications.length}{' '}
          {applications.length === 1 ? 'application' : 'applications'}
        </p>
        {shown.length === 0 ? <NothingFits /> : null}
        {view === 'tiles' ? (
          <div className="tiles">
            {page.map((application) => (
              <ApplicationTile key={qualifiedName(application)} application={application} />
            ))}
          </div>
        ) : null}
        {view === 'table' && shown.length > 0 ? <ApplicationTable applications={page} /> : null}
        {shown.length > limit ? (
          <div className="more">
            <Button
              onClick={() => setLimit(limit + pageSize)}
            >{`Show ${Math.min(pageSize, shown.length - limit)} more`}</Button>
          </div>
        ) : null}
      </section>
    </div>
  );
}

function NothingFits() {
  return (
    <div className="blank blank-small">
      <h2>Nothing fits these filters</h2>
      <Button onClick={clearFilters}>Clear filters</Button>
    </div>
  );
}
