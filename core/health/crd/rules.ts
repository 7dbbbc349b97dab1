import type { KindRule } from '../kind-rule.ts';
import { argo } from './argo.ts';
import { certManager } from './cert-manager.ts';
import { cloud } from './cloud.ts';
import { clusterApi } from './cluster-api.ts';
import { computing } from './computing.ts';
import { crossplane } from './crossplane.ts';
import { databases, postgres } from './databases.ts';
import { delivery } from './delivery.ts';
import { flux } from './flux.ts';
import { gateway } from './gateway.ts';
import { knative } from './knative.ts';
import { messaging } from './messaging.ts';
import { observability } from './observability.ts';
import { openshift } from './openshift.ts';
import { policy } from './policy.ts';
import { scaling } from './scaling.ts';
import { secrets } from './secrets.ts';
import { storage } from './storage.ts';
import { virtualMachines } from './virtual-machines.ts';

/** Every rule for kinds that come with custom resource definitions. */
export const crdRules: readonly KindRule[] = [
  ...argo,
  ...certManager,
  ...cloud,
  ...clusterApi,
  ...computing,
  ...crossplane,
  ...databases,
  ...delivery,
  ...flux,
  ...gateway,
  ...knative,
  ...messaging,
  ...observability,
  ...openshift,
  ...policy,
  ...postgres,
  ...scaling,
  ...secrets,
  ...storage,
  ...virtualMachines,
];
