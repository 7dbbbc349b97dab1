import type { KindRule } from '../kind-rule.ts';
import { cloud } from './cloud/cloud.ts';
import { clusterApi } from './cloud/cluster-api.ts';
import { crossplane } from './cloud/crossplane.ts';
import { computing } from './data/computing.ts';
import { databases } from './data/databases.ts';
import { ensembles } from './data/ensembles.ts';
import { messaging } from './data/messaging.ts';
import { netapp } from './data/netapp.ts';
import { numaflow } from './data/numaflow.ts';
import { postgres } from './data/postgres.ts';
import { storage } from './data/storage.ts';
import { argo } from './delivery/argo.ts';
import { delivery } from './delivery/delivery.ts';
import { flux } from './delivery/flux.ts';
import { kruise } from './delivery/kruise.ts';
import { progressive } from './delivery/progressive.ts';
import { promoter } from './delivery/promoter.ts';
import { rollouts } from './delivery/rollouts.ts';
import { edge } from './network/edge.ts';
import { gateway } from './network/gateway.ts';
import { gatewayApi } from './network/gateway-api.ts';
import { knative } from './network/knative.ts';
import { solo } from './network/solo.ts';
import { threeScale } from './network/three-scale.ts';
import { clusters } from './platform/clusters.ts';
import { infrastructure } from './platform/infrastructure.ts';
import { observability } from './platform/observability.ts';
import { observers } from './platform/observers.ts';
import { openshift } from './platform/openshift.ts';
import { scaling } from './platform/scaling.ts';
import { telemetry } from './platform/telemetry.ts';
import { virtualMachines } from './platform/virtual-machines.ts';
import { certManager } from './security/cert-manager.ts';
import { keepers } from './security/keepers.ts';
import { policy } from './security/policy.ts';
import { secrets } from './security/secrets.ts';

/** Every rule for kinds that come with custom resource definitions. */
export const crdRules: readonly KindRule[] = [
  ...argo,
  ...threeScale,
  ...telemetry,
  ...solo,
  ...promoter,
  ...numaflow,
  ...netapp,
  ...kruise,
  ...clusters,
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
  ...keepers,
  ...infrastructure,
  ...observers,
  ...edge,
  ...progressive,
  ...ensembles,
];
