import { Button } from '../../components/button.tsx';
import { CodeSample } from '../../components/code-sample.tsx';
import { Logo } from '../../components/icon.tsx';

const command = `keelson app create guestbook \\
  --repo https://git.example.com/team/deploy.git \\
  --path guestbook \\
  --dest-server https://kubernetes.default.svc \\
  --dest-namespace guestbook
keelson app sync guestbook`;

/** Shown while there is no application: the two ways to the first one. */
export function FirstApplication({ onCreate }: { readonly onCreate: () => void }) {
  return (
    <section className="blank">
      <span className="blank-icon blank-logo">
        <Logo size={40} />
      </span>
      <h2>No applications yet</h2>
      <p>
        An application ties a folder or chart in Git to a namespace in a cluster. Keelson shows how they
        differ and brings them together, wave by wave.
      </p>
      <Button look="main" icon="plus" onClick={onCreate}>
        Create the first application
      </Button>
      <CodeSample label="or on the command line" text={command} />
    </section>
  );
}
