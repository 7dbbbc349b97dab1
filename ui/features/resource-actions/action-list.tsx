import { useState } from 'react';
import type { ActionOffer } from '../../../core/action/action.ts';
import type { TreeNode } from '../../../core/wire/tree.ts';
import { listResourceActions } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Loading, LoadTrouble, Notice } from '../../components/notice.tsx';
import { useLoad } from '../../state/use-load.ts';
import { ActionDialog } from './action-dialog.tsx';
import { labelOf } from './action-form.ts';

type ActionListProps = { readonly application: string; readonly node: TreeNode };

/** What can be done with one object; what its state forbids stands there too, with the reason. */
export function ActionList({ application, node }: ActionListProps) {
  const [asked, setAsked] = useState<ActionOffer>();
  const [done, setDone] = useState<string>();
  // Any change of the object may allow or forbid an action.
  const loaded = useLoad(`${application} ${node.uid ?? ''} ${node.resourceVersion ?? ''}`, (signal) =>
    listResourceActions(application, node, signal),
  );
  if (loaded.value === undefined) {
    if (loaded.error === undefined) return <Loading what="actions" />;
    return <LoadTrouble what="The actions" message={loaded.error} onRetry={loaded.reload} />;
  }
  const offers = loaded.value.actions;
  if (offers.length === 0) return null;
  return (
    <section className="object-actions" aria-label="Actions of the object">
      <h3>Actions</h3>
      <ul>
        {offers.map((offer) => (
          <li key={offer.name}>
            <Button
              disabled={offer.disabled === true}
              {...(offer.reason === undefined ? {} : { title: offer.reason })}
              onClick={() => setAsked(offer)}
            >
              {labelOf(offer)}
            </Button>
            {offer.disabled === true && offer.reason !== undefined ? (
              <span className="faint">{offer.reason}</span>
            ) : null}
          </li>
        ))}
      </ul>
      {done === undefined ? null : (
        <Notice tone="none" icon="check">
          {done} has been run.
        </Notice>
      )}
      {asked === undefined ? null : (
        <ActionDialog
          application={application}
          node={node}
          offer={asked}
          onClose={() => setAsked(undefined)}
          onDone={() => {
            setDone(labelOf(asked));
            setAsked(undefined);
            loaded.reload();
          }}
        />
      )}
    </section>
  );
}
