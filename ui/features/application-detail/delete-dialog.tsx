import { type FormEvent, useState } from 'react';
import type { DeleteMode } from '../../api.ts';
import { deleteApplication } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Choice, Field } from '../../components/field.tsx';
import { FailureNotice } from '../../components/notice.tsx';
import { useAction } from '../../state/use-action.ts';

type DeleteDialogProps = {
  readonly name: string;
  readonly onClose: () => void;
  readonly onDeleted: () => void;
};

const explanations: Readonly<Record<DeleteMode, string>> = {
  foreground:
    'Deletes every object in the cluster and waits until all that they own is gone, then the application.',
  background: 'Deletes every object in the cluster; what they own is cleaned up afterwards.',
  orphan: 'Deletes only the application. Its objects stay in the cluster and nobody looks after them.',
};

/** Deletes the application, after its name has been typed. */
export function DeleteDialog({ name, onClose, onDeleted }: DeleteDialogProps) {
  const [typed, setTyped] = useState('');
  const [mode, setMode] = useState<DeleteMode>('foreground');
  const { busy, failure, run } = useAction();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed !== name) return;
    void run(async () => {
      await deleteApplication(name, mode);
      onDeleted();
    });
  };
  return (
    <Dialog title={`Delete ${name}?`} shape="box" onClose={onClose}>
      <form onSubmit={submit}>
        <Choice
          label="Objects in the cluster"
          value={mode}
          options={[
            { value: 'foreground', text: 'Foreground' },
            { value: 'background', text: 'Background' },
            { value: 'orphan', text: 'Keep them' },
          ]}
          onChange={setMode}
        />
        <p className="delete-what">{explanations[mode]}</p>
        <Field label={`Type ${name} to confirm`} value={typed} onChange={setTyped} autoFocus />
        <FailureNotice failure={failure} />
        <div className="foot-row">
          <span className="spread" />
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="danger" icon="trash" busy={busy} disabled={typed !== name}>
            Delete
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
