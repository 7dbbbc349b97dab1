import type { ReactNode } from 'react';
import { requestedRevisions, shownRevisions } from '../../../core/application/source/revisions.ts';
import { sourcesOf } from '../../../core/application/source/source.ts';
import type { ApplicationSource } from '../../../core/application/source/source-spec.ts';
import type { Application } from '../../../core/application/spec/spec.ts';
import type { Condition } from '../../../core/application/status.ts';
import type { OperationView } from '../../../core/wire/operation.ts';
import { Icon } from '../../components/icon.tsx';
import { PathText } from '../../components/long-name.tsx';
import { HealthBadge, PhaseBadge, SyncBadge } from '../../components/status.tsx';
import { Ago } from '../../components/time.tsx';
import { destinationOf, pathAtRevision, policyText, shortRepository } from '../../model/application-facts.ts';

type StatusPanelProps = {
  readonly application: Application;
  readonly operation: OperationView | undefined;
  readonly onShowOperation: (() => void) | undefined;
};

/** Health, sync, last operation and source of the application, side by side. */
export function StatusPanel({ application, operation, onShowOperation }: StatusPanelProps) {
  const health = application.status?.health;
  return (
    <div className="facts-row">
      <Fact title="Health">
        <HealthBadge status={health?.status ?? 'Unknown'} />
        {health?.message === undefined ? null : <p>{health.message}</p>}
      </Fact>
      <SyncFact application={application} />
      <OperationFact operation={operation} onShow={onShowOperation} />
      <Fact title="Source and destination">
        <SourceLines sources={sourcesOf(application.spec)} />
        <p className="fact-line">
          <Icon name="cluster" size={14} /> {destinationOf(application)}
        </p>
      </Fact>
    </div>
  );
}

/** Repository and path of the only source; of several, one line for what is taken from each. */
function SourceLines({ sources }: { readonly sources: readonly ApplicationSource[] }) {
  const [first, ...more] = sources;
  if (more.length === 0) {
    return (
      <>
        <p className="fact-line" title={first?.repoURL}>
          <Icon name="git" size={14} />{' '}
          <span>
            <PathText text={first === undefined ? 'none' : shortRepository(first.repoURL)} />
          </span>
        </p>
        <p className="fact-line">
          <Icon name="layers" size={14} />{' '}
          <span>
            <PathText text={first?.chart ?? first?.path ?? ''} />
          </span>
        </p>
      </>
    );
  }
  return sources.map((source, position) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: sources are told apart by their position alone
    <p className="fact-line" title={source.repoURL} key={position}>
      <Icon name="git" size={14} />{' '}
      <span>
        <PathText text={shortRepository(source.repoURL)} />{' '}
        <span className="faint">{pathAtRevision(source)}</span>
      </span>
    </p>
  ));
}

function SyncFact({ application }: { readonly application: Application }) {
  const sources = sourcesOf(application.spec);
  const targets = { revisions: sources.map(({ targetRevision }) => targetRevision || 'HEAD') };
  const target = shownRevisions(targets) ?? 'HEAD';
  const sync = application.status?.sync;
  const revision = sync === undefined ? undefined : shownRevisions(sync);
  return (
    <Fact title="Sync">
      <SyncBadge status={sync?.status ?? 'Unknown'} />
      <p>
        to {target}
        {sync === undefined || revision === undefined || revision === target ? null : (
          <span className="mono" title={requestedRevisions(sync).join('\n')}>
            {' '}
            ({revision})
          </span>
        )}
      </p>
      <p className="faint">{policyText(application)}</p>
    </Fact>
  );
}

type OperationFactProps = {
  readonly operation: OperationView | undefined;
  readonly onShow: (() => void) | undefined;
};

function OperationFact({ operation, onShow }: OperationFactProps) {
  if (operation === undefined) {
    return (
      <Fact title="Last operation">
        <p className="faint">none yet</p>
      </Fact>
    );
  }
  const revision = shownRevisions(operation);
  return (
    <Fact title="Last operation">
      <PhaseBadge phase={operation.phase} />
      <p>
        {operation.kind === 'delete' ? 'delete' : 'sync'}
        {revision === undefined ? '' : ` to ${revision}`},{' '}
        <Ago time={operation.finishedAt ?? operation.startedAt ?? operation.requestedAt} />
      </p>
      {onShow === undefined ? null : (
        <button type="button" className="text-button" onClick={onShow}>
          Show its steps
        </button>
      )}
    </Fact>
  );
}

function Fact({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="fact">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** What people should know about the application, errors before warnings. */
export function Conditions({ conditions }: { readonly conditions: readonly Condition[] }) {
  if (conditions.length === 0) return null;
  const sorted = [...conditions].sort((a, b) => Number(isWarning(a)) - Number(isWarning(b)));
  return (
    <ul className="conditions" aria-label="Conditions">
      {sorted.map((condition) => (
        <li
          key={`${condition.type} ${condition.message}`}
          className={`notice tone-${isWarning(condition) ? 'warn' : 'bad'}`}
        >
          <Icon name={isWarning(condition) ? 'warning' : 'cross'} />
          <div className="notice-text">
            <strong>{condition.type}</strong> {condition.message}
            {condition.lastTransitionTime === undefined ? null : (
              <span className="faint">
                {' '}
                <Ago time={condition.lastTransitionTime} />
              </span>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}

function isWarning(condition: Condition): boolean {
  return condition.type.endsWith('Warning');
}
