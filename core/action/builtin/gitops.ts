import { valueAt } from '../../object/json/field.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import type { ActionTable, BuiltinAction } from '../action.ts';
import { annotationSwitch, fieldSwitch, pauseResume, stamp, suspendResume } from './switches.ts';

/** Flux reads the annotation of a suspended object no more than its source: the order would be lost. */
function reconcileUnless(isSuspended: (live: Manifest) => boolean, place: string): BuiltinAction {
  return stamp('reconcile', ['metadata', 'annotations', 'reconcile.fluxcd.io/requestedAt'], (live) =>
    isSuspended(live) ? `it is suspended by ${place}; resume it first` : undefined,
  );
}

const suspend = fieldSwitch(['spec', 'suspend'], suspendResume);
const toolkit: readonly BuiltinAction[] = [
  reconcileUnless((live) => valueAt(live, 'spec', 'suspend') === true, 'spec.suspend'),
  ...suspend,
];

const operatorSwitch = 'fluxcd.controlplane.io/reconcile';
const operator: readonly BuiltinAction[] = [
  reconcileUnless(
    ({ metadata: { annotations } }) => annotations?.[operatorSwitch] === 'disabled',
    `annotation ${operatorSwitch}`,
  ),
  ...annotationSwitch(operatorSwitch, 'disabled', suspendResume, 'enabled'),
];

/** Flux: as its command line does it, by an annotation and a field. */
export const fluxActions: ActionTable = {
  'source.toolkit.fluxcd.io/GitRepository': toolkit,
  'source.toolkit.fluxcd.io/OCIRepository': toolkit,
  'source.toolkit.fluxcd.io/Bucket': toolkit,
  'source.toolkit.fluxcd.io/HelmRepository': toolkit,
  'source.toolkit.fluxcd.io/HelmChart': toolkit,
  'kustomize.toolkit.fluxcd.io/Kustomization': toolkit,
  'helm.toolkit.fluxcd.io/HelmRelease': toolkit,
  'image.toolkit.fluxcd.io/ImageRepository': toolkit,
  'image.toolkit.fluxcd.io/ImageUpdateAutomation': toolkit,
  'notification.toolkit.fluxcd.io/Receiver': toolkit,
  // Read at each event: there is nothing to reconcile.
  'notification.toolkit.fluxcd.io/Alert': suspend,
  'notification.toolkit.fluxcd.io/Provider': suspend,
  'infra.contrib.fluxcd.io/Terraform': toolkit,
  'fluxcd.controlplane.io/FluxInstance': operator,
  'fluxcd.controlplane.io/ResourceSet': operator,
};

const paused = annotationSwitch('crossplane.io/paused', 'true', pauseResume);

/** Crossplane's packages. */
export const crossplaneActions: ActionTable = {
  'pkg.crossplane.io/Provider': paused,
  'pkg.crossplane.io/Configuration': paused,
  'pkg.crossplane.io/Function': paused,
};

/** Actions of what Crossplane's providers manage, whose groups are any below its two names. */
export function managedActionsOf(group: string, kind: string): readonly BuiltinAction[] {
  const isManaged =
    /\.(crossplane|upbound)\.io$/.test(group) &&
    !/^(pkg|apiextensions|ops)\.crossplane\.io$/.test(group) &&
    !/Config(Usage)?$/.test(kind);
  return isManaged ? paused : [];
}
