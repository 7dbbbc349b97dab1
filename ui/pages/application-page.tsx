import { lazy, Suspense } from 'react';
import type { Application } from '../../core/application/spec/spec.ts';
import { isFinished } from '../../core/sync/operation/operation.ts';
import { Icon } from '../components/icon.tsx';
import { Loading, Notice, Trouble } from '../components/notice.tsx';
import { StaleBanner } from '../components/stale-banner.tsx';
import { ActionBar } from '../features/application-detail/action-bar.tsx';
import { Conditions, StatusPanel } from '../features/application-detail/status-panel.tsx';
import { SyncProgress } from '../features/sync-progress/sync-progress.tsx';
import { qualifiedName } from '../model/application-name.ts';
import { changeQuery, Link, useLocation } from '../router.tsx';
import { type FollowedApplication, useApplication } from '../state/use-application.ts';
import { type FollowedOperation, useOperation } from '../state/use-operation.ts';
import { type FollowedResources, useResources } from '../state/use-resources.ts';
import { useTitle } from '../state/use-title.ts';
import { useWatched } from '../state/use-watched.ts';
import { ResourcesSection } from './resources-section.tsx';

const ApplicationPanels = lazy(async () => ({
  default: (await import('./application-panels.tsx')).ApplicationPanels,
}));

/** One application: its state, its running sync, its objects, live. */
export function ApplicationPage({ name }: { readonly name: string }) {
  const { query } = useLocation();
  const followed = useApplication(name);
  const { application } = followed;
  const shown = query.get('operation') ?? undefined;
  const version = application?.metadata.resourceVersion;
  const operation = useOperation(name, version, shown);
  const resources = useResources(name, application);
  useTitle(name);
  return (
    <>
      <StaleBanner freshness={followed.freshness} />
      <div className="page">
        <header className="page-head">
          <nav className="crumbs" aria-label="Breadcrumb">
            <Link to="/applications">Applications</Link>
            <Icon name="chevron" size={12} />
          </nav>
          <h1>{name}</h1>
          {application === undefined ? null : <span className="tag">{application.spec.project}</span>}
        </header>
        {application === undefined ? (
          <Absent followed={followed} />
        ) : (
          <Present
            application={application}
            followed={followed}
            operation={operation}
            resources={resources}
            pinned={shown !== undefined}
          />
        )}
      </div>
      {application === undefined ? null : (
        <Suspense fallback={null}>
          <ApplicationPanels
            application={application}
            resources={resources.resources}
            onChanged={followed.replace}
          />
        </Suspense>
      )}
    </>
  );
}

function Absent({ followed }: { readonly followed: FollowedApplication }) {
  const { refused, freshness } = followed;
  if (refused !== undefined) {
    return (
      <Trouble
        title="This application cannot be shown"
        message={`${refused}. It may not exist, or not for you.`}
      >
        <Link to="/applications" className="button button-main">
          To the applications
        </Link>
      </Trouble>
    );
  }
  if (freshness.error !== undefined) {
    return (
      <Trouble
        title="This application cannot be shown"
        message={`${freshness.error}. Trying again by itself.`}
      />
    );
  }
  return <Loading what="the application" />;
}

type PresentProps = {
  readonly application: Application;
  readonly followed: FollowedApplication;
  readonly operation: FollowedOperation;
  readonly resources: FollowedResources;
  /** Whether the address names the operation that is shown. */
  readonly pinned: boolean;
};

function Present({ application, followed, operation, resources, pinned }: PresentProps) {
  const last = operation.operation;
  const running = application.operation !== undefined || (last !== undefined && !isFinished(last.phase));
  const { watched, putAway } = useWatched(last, application.operation !== undefined);
  const drawn = pinned || watched ? last : undefined;
  const hide = pinned ? () => changeQuery({ operation: undefined }) : putAway;
  const show = () => changeQuery({ operation: last?.id });
  return (
    <>
      {followed.deleted ? (
        <Notice tone="warn" icon="trash">
          This application has been deleted. What you see is its last state.{' '}
          <Link to="/applications">To the applications</Link>
        </Notice>
      ) : (
        <ActionBar
          application={application}
          running={running}
          onPanel={(panel) => changeQuery({ panel })}
          onChanged={followed.replace}
        />
      )}
      <StatusPanel
        application={application}
        operation={last}
        onShowOperation={drawn === undefined ? show : undefined}
      />
      <Conditions conditions={application.status?.conditions ?? []} />
      {operation.error === undefined ? null : (
        <Notice tone="bad" icon="cross">
          The sync cannot be shown: {operation.error}
        </Notice>
      )}
      {drawn === undefined ? null : (
        <SyncProgress key={drawn.id} operation={drawn} onClose={isFinished(drawn.phase) ? hide : undefined} />
      )}
      <ResourcesSection name={qualifiedName(application)} loaded={resources} />
    </>
  );
}
