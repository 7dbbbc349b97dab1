import type { KindRule } from '../kind-rule.ts';
import { cloud } from './cloud/cloud.ts';
import { clusterApi } from './cloud/cluster-api.ts';
import { crossplane } from './cloud/crossplane.ts';
import { computing } from './data/computing.ts';
import { databases } from './data/databases.ts';
import { messaging } from './data/messaging.ts';
import { postgres } from './data/postgres.ts';
import { storage } from './data/storage.ts';
import { argo } from './delivery/argo.ts';
import { delivery } from './delivery/delivery.ts';
import { flux } from './delivery/flux.ts';
import { rollouts } from './delivery/rollouts.ts';
import { gateway } from './network/gateway.ts';
import { gatewayApi } from './network/gateway-api.ts';
import { knative } from './network/knative.ts';
import { observability } from './platform/observability.ts';
import { openshift } from './platform/openshift.ts';
import { scaling } from './platform/scaling.ts';
import { virtualMachines } from './platform/virtual-machines.ts';
import { certManager } from './security/cert-manager.ts';
import { policy } from './security/policy.ts';
import { secrets } from './security/secrets.ts';

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
  ...gatewayApi,
  ...knative,
  ...messaging,
  ...observability,
  ...openshift,
  ...policy,
  ...postgres,
  ...rollouts,
  ...scaling,
  ...secrets,
  ...storage,
  ...virtualMachines,
];
