import { conditionOf, listAt, textAt, valueAt } from '../../object/json/field.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { readDuration } from '../../text/duration.ts';
import type { ActionTable, BuiltinAction } from '../action.ts';
import { patchField } from '../change.ts';
import { stamp } from './switches.ts';

const forceSync = ['metadata', 'annotations', 'force-sync'];

const refresh = stamp('refresh', forceSync, whyFrozen);

/** Pushes at each change of its annotations, whatever its interval. */
const push: BuiltinAction = { ...stamp('push', forceSync), aliases: ['refresh'] };

/** As `cmctl renew`: the condition tells the controller to issue the certificate now. */
const renew: BuiltinAction = {
  name: 'renew',
  iconClass: 'fa fa-fw fa-sync',
  displayName: 'Renew',
  refuses: (live) =>
    textAt(conditionOf(live, 'Issuing'), 'status') === 'True' ? 'the certificate is being issued' : undefined,
  run(live, { now }) {
    const generation = live.metadata.generation;
    const issuing = {
      type: 'Issuing',
      status: 'True',
      reason: 'ManuallyTriggered',
      message: 'Certificate re-issuance manually triggered',
      lastTransitionTime: now,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
    };
    const others = listAt(live, 'status', 'conditions').filter((one) => textAt(one, 'type') !== 'Issuing');
    return patchField(live, ['status', 'conditions'], [...others, issuing]);
  },
};

/** External Secrets and cert-manager. */
export const secretActions: ActionTable = {
  'external-secrets.io/ExternalSecret': [refresh],
  'external-secrets.io/PushSecret': [push],
  'cert-manager.io/Certificate': [renew],
};

/** Policies and intervals with which an ExternalSecret that was fetched once is not fetched again. */
function whyFrozen(live: Manifest): string | undefined {
  const policy = textAt(live, 'spec', 'refreshPolicy');
  if (policy === 'CreatedOnce') return 'spec.refreshPolicy is CreatedOnce: it is fetched once only';
  const interval = valueAt(live, 'spec', 'refreshInterval');
  if (policy === 'OnChange' || interval === undefined || readDuration(String(interval)) !== 0)
    return undefined;
  return 'spec.refreshInterval is 0: it is fetched once only';
}
