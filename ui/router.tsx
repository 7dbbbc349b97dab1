import { type MouseEvent, type ReactNode, useSyncExternalStore } from 'react';
import { type Location, readLocation } from './location.ts';

const changed = 'keelson:navigated';

/** Folder that the pages live in, without a trailing slash; empty at the root of the origin. */
const base = new URL(document.baseURI).pathname.replace(/\/[^/]*$/, '');

type Change = Readonly<Record<string, string | undefined>>;

/** Where the browser is, re-rendering on every change. */
export function useLocation(): Location {
  return readLocation(useSyncExternalStore(subscribe, currentAddress));
}

/** Goes to a path of the application; `replace` leaves no entry in the browser's history. */
export function navigate(path: string, options: { replace?: boolean } = {}): void {
  const address = base + path;
  if (options.replace === true) history.replaceState(null, '', address);
  else history.pushState(null, '', address);
  window.dispatchEvent(new Event(changed));
}

/** Changes query parameters of the current page; undefined or empty removes one. */
export function changeQuery(change: Change, options: { replace?: boolean } = {}): void {
  const { path, query } = readLocation(currentAddress());
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined || value === '') query.delete(name);
    else query.set(name, value);
  }
  const search = query.toString();
  navigate(search === '' ? path : `${path}?${search}`, options);
}

/** The present path and query, for coming back after a login. */
export function currentAddress(): string {
  return location.pathname.slice(base.length) + location.search;
}

type LinkProps = {
  readonly to: string;
  readonly className?: string;
  readonly label?: string;
  readonly children: ReactNode;
};

/** A link within the application; modified clicks stay the browser's. */
export function Link({ to, className, label, children }: LinkProps) {
  const follow = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    navigate(to);
  };
  return (
    <a href={base + to} className={className} aria-label={label} onClick={follow}>
      {children}
    </a>
  );
}

function subscribe(notify: () => void): () => void {
  window.addEventListener('popstate', notify);
  window.addEventListener(changed, notify);
  return () => {
    window.removeEventListener('popstate', notify);
    window.removeEventListener(changed, notify);
  };
}
