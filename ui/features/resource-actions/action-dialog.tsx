import { type FormEvent, useState } from 'react';
import type { ActionOffer } from '../../../core/action/action.ts';
import type { TreeNode } from '../../../core/wire/tree.ts';
import { runResourceAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { FailureNotice } from '../../components/notice.tsx';
import { useAction } from '../../state/use-action.ts';
import { isNumber, labelOf, problemsOf, sentValues, startValues, wordsOf } from './action-form.ts';

type ActionDialogProps = {
  readonly application: string;
  readonly node: TreeNode;
  readonly offer: ActionOffer;
  readonly onClose: () => void;
  readonly onDone: () => void;
};

/** Asks whether an action is really meant, with the values that it needs, and runs it. */
export function ActionDialog({ application, node, offer, onClose, onDone }: ActionDialogProps) {
  const parameters = offer.params ?? [];
  const [values, setValues] = useState(() => startValues(parameters));
  const [tried, setTried] = useState(false);
  const { busy, failure, run } = useAction();
  const problems = problemsOf(parameters, values);
  const label = labelOf(offer);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(problems).length > 0) return;
    void run(async () => {
      const choice = { action: offer.name, parameters: sentValues(parameters, values) };
      await runResourceAction(application, node, choice);
      onDone();
    });
  };
  return (
    <Dialog title={`${label} ${node.kind} ${node.name}?`} shape="box" onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <p className="delete-what">
          This changes the cluster, not Git: where the two differ afterwards, a sync takes it back.
        </p>
        {parameters.map((parameter, position) => (
          <Field
            key={parameter.name}
            label={wordsOf(parameter.name)}
            type={isNumber(parameter) ? 'number' : 'text'}
            value={values[parameter.name] ?? ''}
            error={tried ? problems[parameter.name] : undefined}
            autoFocus={position === 0}
            onChange={(value) => setValues((last) => ({ ...last, [parameter.name]: value }))}
          />
        ))}
        <FailureNotice failure={failure} />
        <div className="foot-row">
          <span className="spread" />
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="main" busy={busy}>
            {label}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
