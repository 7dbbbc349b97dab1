/** The name under which Keelson owns fields that it applied; those of hooks that it created, too. */
export const keelsonManager = 'keelson';
/** The name under which a sync owns fields that it did not write by server-side apply. */
export const updateManager = 'keelson-update';

/** The name under which Keelson owns the definitions of its own kinds. */
export const definitionManager = 'keelson-definitions';

/** The name under which a backup is brought back. */
export const importManager = 'keelson-import';

/** Managers of ours that wrote what Git said in another way than by server-side apply. */
export const ownFormerManagers: readonly string[] = [updateManager, keelsonManager];

/** The name under which the reference owns fields. */
export const referenceManager = 'argocd-controller';

/**
 * Managers that wrote objects from Git or files before: ourselves by other means, the reference, kubectl. Manual edits
 * (`kubectl-edit`, `kubectl-patch`) and controllers are not among them: nobody described those fields in a manifest.
 */
export const formerManagers: readonly string[] = [
  ...ownFormerManagers,
  referenceManager,
  'kubectl',
  'kubectl-client-side-apply',
  'kubectl-create',
  'kubectl-replace',
];
