/** Wave of an object within its phase; a whole number, 0 by default. */
export const syncWaveAnnotation = 'argocd.argoproj.io/sync-wave';
/** Phases in which an object runs as a hook. */
export const hookAnnotation = 'argocd.argoproj.io/hook';
/** When a hook object is deleted. */
export const hookDeletePolicyAnnotation = 'argocd.argoproj.io/hook-delete-policy';
/** Options for syncing one object, such as `Prune=false`. */
export const syncOptionsAnnotation = 'argocd.argoproj.io/sync-options';
/** How an application or one of its objects is compared, such as `IgnoreExtraneous`. */
export const compareOptionsAnnotation = 'argocd.argoproj.io/compare-options';
/** Says which application an object belongs to, and names the object itself. */
export const trackingIdAnnotation = 'argocd.argoproj.io/tracking-id';
/** Tells installations apart that manage the same cluster. */
export const installationIdAnnotation = 'argocd.argoproj.io/installation-id';
/** On an application: time at which somebody approved the deletions that wait for it. */
export const deletionApprovedAnnotation = 'argocd.argoproj.io/deletion-approved';
/** On an application: a refresh that somebody asks for, `normal` or `hard`; taken off once it is done. */
export const refreshAnnotation = 'argocd.argoproj.io/refresh';
/** `true` on an application keeps Keelson from looking at it until it is taken off. */
export const skipReconcileAnnotation = 'argocd.argoproj.io/skip-reconcile';
/** `true` has the rules of `ignoreResourceUpdates` hold for an object that belongs to no application itself; `false`, for none. */
export const ignoreResourceUpdatesAnnotation = 'argocd.argoproj.io/ignore-resource-updates';
/** Keeps an object out of its application's health. */
export const ignoreHealthcheckAnnotation = 'argocd.argoproj.io/ignore-healthcheck';
/** Judges a pod that restarts always as if it did not. */
export const ignoreRestartPolicyAnnotation = 'argocd.argoproj.io/ignore-restart-policy';

/** Phase in which Helm would run an object as a hook. */
export const helmHookAnnotation = 'helm.sh/hook';
/** Order of Helm hooks; read as the wave. */
export const helmHookWeightAnnotation = 'helm.sh/hook-weight';
/** When Helm would delete a hook object. */
export const helmHookDeletePolicyAnnotation = 'helm.sh/hook-delete-policy';
/** `keep` makes an object outlive its release. */
export const helmResourcePolicyAnnotation = 'helm.sh/resource-policy';

/** The object as kubectl last applied it. */
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

/** Step that created a hook object: `operation/attempt/step`; a repeat of that step adopts the object. */
export const stepAnnotation = 'keelson.dev/step';
/** Action that created an object: `action/position`; a repeat of that write knows the object by it. */
export const actionAnnotation = 'keelson.dev/action';
/** On an application: longest time that its deletion may take, such as `10m`. */
export const deleteDeadlineAnnotation = 'keelson.dev/delete-deadline';
/** On an application: one more field manager whose fields become ours. */
export const migrationManagerAnnotation = 'argocd.argoproj.io/client-side-apply-migration-manager';
/** `all` on an application makes its last wave wait for health too. */
export const syncGateAnnotation = 'keelson.dev/sync-gate';
/** On an application: duration after which a sync with all its retries is terminated, in place of the setting. */
export const syncTimeoutAnnotation = 'keelson.dev/sync-timeout';

/** Label that names the application under the tracking methods with labels. */
export const instanceLabel = 'app.kubernetes.io/instance';
/** The first of the keys for that label; it also stands on the pods of a workload. */
export const legacyInstanceLabel = 'applications.argoproj.io/app-name';

/** Keeps a hook object until its result is recorded. */
export const hookResultFinalizer = 'keelson.dev/hook-result';
/** The reference's finalizer of the same purpose; found on objects that it created. */
export const referenceHookFinalizer = 'argocd.argoproj.io/hook-finalizer';
/** Finalizers that hold a hook object for its result, whoever made it. */
export const hookFinalizers: ReadonlySet<string> = new Set([hookResultFinalizer, referenceHookFinalizer]);
/** On an application: its objects are deleted with it. */
export const resourcesFinalizer = 'resources-finalizer.argocd.argoproj.io';
/** The same, with foreground deletion by name. */
export const resourcesForegroundFinalizer = 'resources-finalizer.argocd.argoproj.io/foreground';
/** The same, with background deletion. */
export const resourcesBackgroundFinalizer = 'resources-finalizer.argocd.argoproj.io/background';
