import { useEffect, useState } from 'react';
import type { UserInfo } from '../core/wire/session.ts';
import { getAccount, getVersion, unauthenticatedEvent } from './api.ts';
import { messageOf } from './api-error.ts';
import { Boundary } from './components/boundary.tsx';
import { Loading, LoadTrouble, Trouble } from './components/notice.tsx';
import { Shell } from './components/shell.tsx';
import { LoginPage } from './features/login/login-page.tsx';
import { routeOf } from './location.ts';
import { ApplicationPage } from './pages/application-page.tsx';
import { ApplicationsPage } from './pages/applications-page.tsx';
import { currentAddress, Link, navigate, useLocation } from './router.tsx';

/** Chooses the page by the address; everything but the login needs a session. */
export function App() {
  const { path } = useLocation();
  const route = routeOf(path);
  useEffect(() => {
    window.addEventListener(unauthenticatedEvent, goToLogin);
    return () => window.removeEventListener(unauthenticatedEvent, goToLogin);
  }, []);
  if (route.page === 'login') return <LoginPage />;
  return (
    <WithSession>
      <Boundary key={path}>
        {route.page === 'applications' ? <ApplicationsPage /> : null}
        {route.page === 'application' ? <ApplicationPage key={route.name} name={route.name} /> : null}
        {route.page === 'unknown' ? (
          <Trouble title="No such page" message={`Nothing is at ${path}.`}>
            <Link to="/applications" className="button button-main">
              To the applications
            </Link>
          </Trouble>
        ) : null}
      </Boundary>
    </WithSession>
  );
}

type Session = { readonly account: UserInfo; readonly version: string };

function WithSession({ children }: { readonly children: React.ReactNode }) {
  const [session, setSession] = useState<Session>();
  const [error, setError] = useState<string>();
  const [round, setRound] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks again
  useEffect(() => {
    setError(undefined);
    Promise.all([getAccount(), getVersion()]).then(
      ([account, { Version }]) => {
        if (account.loggedIn) setSession({ account, version: Version });
        else goToLogin();
      },
      (cause: unknown) => setError(messageOf(cause)),
    );
  }, [round]);
  if (session !== undefined) {
    return (
      <Shell account={session.account} version={session.version}>
        {children}
      </Shell>
    );
  }
  if (error === undefined) return <Loading what="Keelson" />;
  return <LoadTrouble what="Keelson" message={error} onRetry={() => setRound(round + 1)} />;
}

function goToLogin(): void {
  const address = currentAddress();
  if (address.startsWith('/login')) return;
  const query = address === '/' ? '' : `?return_url=${encodeURIComponent(address)}`;
  navigate(`/login${query}`, { replace: true });
}
