import { resourcesBackgroundFinalizer, resourcesFinalizer } from '../../object/annotations.ts';
import type { DeletionRequest } from '../../sync/walk/deletion.ts';

/** On an application: its PreDelete hooks run before it goes. With `/cleanup` behind it, their objects go too. */
export const preDeleteFinalizer = 'pre-delete-finalizer.argocd.argoproj.io';
/** On an application: its PostDelete hooks run before it goes. */
export const postDeleteFinalizer = 'post-delete-finalizer.argocd.argoproj.io';

const ours = [resourcesFinalizer, preDeleteFinalizer, postDeleteFinalizer];

/** Whether a finalizer of an application's object is Keelson's to carry out and to take off. */
export function isOwnFinalizer(finalizer: string): boolean {
  return ours.some((own) => isForm(finalizer, own));
}

/** What the finalizers of an object ask of its deletion: what they don't name stays. */
export function deletionOf(finalizers: readonly string[]): DeletionRequest {
  const cascading = finalizers.filter((finalizer) => isForm(finalizer, resourcesFinalizer));
  if (cascading.length > 0) {
    const isBackground = cascading.every((finalizer) => finalizer === resourcesBackgroundFinalizer);
    return { cascade: isBackground ? 'background' : 'foreground' };
  }
  return finalizers.some(isOwnFinalizer) ? { cascade: 'none', hooksAlone: true } : { cascade: 'none' };
}

/** The finalizers of an object once Keelson has done its part; those of others stay. */
export function withoutOwn(finalizers: readonly string[]): string[] {
  return finalizers.filter((finalizer) => !isOwnFinalizer(finalizer));
}

function isForm(finalizer: string, own: string): boolean {
  return finalizer === own || finalizer.startsWith(`${own}/`);
}
