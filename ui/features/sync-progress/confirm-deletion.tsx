import { useState } from 'react';
import { formatKey, keyId, type ResourceKey } from '../../../core/object/key.ts';
import { confirmDeletion } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { FailureNotice } from '../../components/notice.tsx';
import { useAction } from '../../state/use-action.ts';
import type { Approval } from './model/approval.ts';

type ConfirmDeletionProps = { readonly application: string; readonly approval: Approval };

/** Every object that would be deleted, and the button that lets the operation delete them. */
export function ConfirmDeletion({ application, approval }: ConfirmDeletionProps) {
  const [confirmed, setConfirmed] = useState(false);
  const { busy, failure, run } = useAction();
  const confirm = () =>
    void run(async () => {
      await confirmDeletion(application);
      setConfirmed(true);
    });
  return (
    <div className="wait-approval">
      <Keys label="Objects to confirm" keys={approval.now} />
      {approval.later.length === 0 ? null : (
        <>
          <p>Confirming also covers what this operation comes to afterwards:</p>
          <Keys label="Objects confirmed with them" keys={approval.later} />
        </>
      )}
      <Button icon="trash" look="danger" busy={busy} disabled={confirmed} onClick={confirm}>
        {confirmed ? 'Deletion confirmed' : 'Confirm deletion'}
      </Button>
      <FailureNotice failure={failure} />
    </div>
  );
}

function Keys({ label, keys }: { readonly label: string; readonly keys: readonly ResourceKey[] }) {
  return (
    <ul className="mono" aria-label={label}>
      {keys.map((key) => (
        <li key={keyId(key)}>{formatKey(key)}</li>
      ))}
    </ul>
  );
}
