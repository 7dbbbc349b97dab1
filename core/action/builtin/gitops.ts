import type { ActionTable, BuiltinAction } from '../action.ts';
import { annotationSwitch, fieldSwitch, pauseResume, stamp, suspendResume } from './switches.ts';

const reconcile = stamp('reconcile', ['metadata', 'annotations', 'reconcile.fluxcd.io/requestedAt']);
const suspend = fieldSwitch(['spec', 'suspend'], suspendResume);
const toolkit: readonly BuiltinAction[] = [reconcile, ...suspend];

const operator: readonly BuiltinAction[] = [
  reconcile,
  ...annotationSwitch('fluxcd.controlplane.io/reconcile', 'disabled', suspendResume, 'enabled'),
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
