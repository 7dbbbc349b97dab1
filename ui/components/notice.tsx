import type { ReactNode } from 'react';
import type { ActionFailure } from '../state/use-action.ts';
import { Button } from './button.tsx';
import { Icon, type IconName } from './icon.tsx';

type NoticeProps = {
  readonly tone: 'bad' | 'warn' | 'busy' | 'none';
  readonly icon: IconName;
  readonly children: ReactNode;
};

/** A strip with something that people should know. Trouble is read out at once. */
export function Notice({ tone, icon, children }: NoticeProps) {
  return (
    <div className={`notice tone-${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      <Icon name={icon} />
      <div className="notice-text">{children}</div>
    </div>
  );
}

/** Why an action failed, problem by problem when there are several. */
export function FailureNotice({ failure }: { readonly failure: ActionFailure | undefined }) {
  if (failure === undefined) return null;
  if (failure.issues.length === 0) {
    return (
      <Notice tone="bad" icon="cross">
        {failure.message}
      </Notice>
    );
  }
  return (
    <Notice tone="bad" icon="cross">
      <strong>
        {failure.issues.length === 1 ? 'One thing is wrong' : `${failure.issues.length} things are wrong`}
      </strong>
      <ul className="issues">
        {failure.issues.map((issue) => (
          <li key={`${issue.path} ${issue.message}`}>
            {issue.path === '' ? null : <code>{issue.path}</code>} {issue.message}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

/** Shown while the first reply is on its way; fades in late so that fast pages never flash it. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <div className="loading" role="status">
      <Icon name="spinner" size={20} spin />
      <span>Loading {what} …</span>
    </div>
  );
}

type TroubleProps = { readonly title: string; readonly message: string; readonly children?: ReactNode };

/** A whole page or panel that cannot be shown, and why. */
export function Trouble({ title, message, children }: TroubleProps) {
  return (
    <div className="blank" role="alert">
      <span className="blank-icon tone-bad">
        <Icon name="warning" size={28} />
      </span>
      <h2>{title}</h2>
      <p>{message}</p>
      {children}
    </div>
  );
}

type RetryProps = { readonly what: string; readonly message: string; readonly onRetry: () => void };

/** A part of a page that could not be fetched, with a way to try again. */
export function LoadTrouble({ what, message, onRetry }: RetryProps) {
  return (
    <Trouble title={`${what} cannot be shown`} message={message}>
      <Button icon="refresh" onClick={onRetry}>
        Try again
      </Button>
    </Trouble>
  );
}
