import { type FormEvent, useState } from 'react';
import { getSettings, logIn } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Logo } from '../../components/icon.tsx';
import { FailureNotice, Notice } from '../../components/notice.tsx';
import { safeReturnPath } from '../../location.ts';
import { navigate, useLocation } from '../../router.tsx';
import { useAction } from '../../state/use-action.ts';
import { useLoad } from '../../state/use-load.ts';
import { useTitle } from '../../state/use-title.ts';

/** Asks for name and password and goes on to the page that was wanted. */
export function LoginPage() {
  const { query } = useLocation();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const settings = useLoad('settings', getSettings);
  const { busy, failure, run } = useAction();
  useTitle('Log in');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      await logIn(username.trim(), password);
      navigate(safeReturnPath(query.get('return_url')), { replace: true });
    });
  };
  const ready = username.trim() !== '' && password !== '';
  return (
    <main className="login">
      <section className="login-side" aria-hidden="true">
        <Ribs />
        <p>Every sync is durable.</p>
      </section>
      <form className="login-form" onSubmit={submit} aria-labelledby="login-title">
        <span className="login-mark">
          <Logo size={40} />
        </span>
        <h1 id="login-title">Log in to Keelson</h1>
        <p className="faint">Keeps your clusters in step with Git.</p>
        {settings.value?.userLoginsDisabled === true ? (
          <Notice tone="warn" icon="warning">
            Logging in with a password is turned off; ask your administrator.
          </Notice>
        ) : null}
        <FailureNotice failure={failure} />
        <Field label="Username" value={username} onChange={setUsername} autoComplete="username" autoFocus />
        <Field
          label="Password"
          type="password"
          value={password}
          onChange={setPassword}
          autoComplete="current-password"
        />
        <Button type="submit" look="main" busy={busy} disabled={!ready}>
          Log in
        </Button>
        <p className="field-hint">
          A local platform prints the password of <code>admin</code> when it starts.
        </p>
      </form>
    </main>
  );
}

/** The sections of a hull as shipwrights draw them, each closed by its deck, and the waterline. */
function Ribs() {
  const ribs = [0, 1, 2, 3, 4, 5, 6];
  return (
    <svg className="login-ribs" viewBox="0 0 480 320" fill="none" stroke="currentColor" aria-hidden="true">
      {ribs.map((rib) => {
        const half = 205 - rib * 24;
        const deck = 40 + rib * 9;
        const keel = 270 - rib * 13;
        const bilge = keel - 34;
        return (
          <path
            key={rib}
            opacity={1 - rib * 0.12}
            strokeWidth={2.6 - rib * 0.22}
            d={`M${240 - half} ${deck}H${240 + half}C${240 + half} ${bilge} ${240 + half / 2} ${keel} 240 ${keel}S${240 - half} ${bilge} ${240 - half} ${deck}Z`}
          />
        );
      })}
      <path d="M232 270h16l-4 34h-8Z" fill="currentColor" stroke="none" />
      <path d="M0 132H480" strokeWidth="1.5" strokeDasharray="3 8" opacity="0.8" />
    </svg>
  );
}
