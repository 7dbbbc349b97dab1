import type { ReactNode } from 'react';
import type { UserInfo } from '../../core/wire/session.ts';
import { logOut } from '../api.ts';
import { Link, navigate } from '../router.tsx';
import { Icon, Logo } from './icon.tsx';

type ShellProps = { readonly account: UserInfo; readonly version: string; readonly children: ReactNode };

/** The frame around every page: the mark, where one can go, and who is logged in. */
export function Shell({ account, version, children }: ShellProps) {
  const leave = async () => {
    await logOut();
    navigate('/login');
  };
  return (
    <div className="shell">
      <a className="skip-link" href="#main">
        Skip to the page
      </a>
      <nav className="rail" aria-label="Main">
        <Link to="/applications" className="rail-mark" label="Keelson, applications">
          <Logo />
          <span className="rail-name">Keelson</span>
        </Link>
        <Link to="/applications" className="rail-link">
          <Icon name="layers" size={18} />
          <span>Applications</span>
        </Link>
        <div className="rail-foot">
          <div className="rail-user" title={account.iss}>
            <Icon name="user" />
            <span>{account.username === '' ? 'anonymous' : account.username}</span>
          </div>
          <button type="button" className="rail-link" onClick={() => void leave()}>
            <Icon name="exit" />
            <span>Log out</span>
          </button>
          <div className="rail-version">{version}</div>
        </div>
      </nav>
      <main id="main" className="main">
        {children}
      </main>
    </div>
  );
}
