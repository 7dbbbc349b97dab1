import { conditionOf, listAt, textAt } from '../../object/field.ts';
import type { ActionTable, BuiltinAction } from '../action.ts';
import { patchField } from '../change.ts';
import { stamp } from './switches.ts';

const refresh = stamp('refresh', ['metadata', 'annotations', 'force-sync']);

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
  'external-secrets.io/PushSecret': [refresh],
  'cert-manager.io/Certificate': [renew],
};
