import type { Application } from '../core/application/spec/spec.ts';
import type { Health } from '../core/application/status.ts';

/** Replies of the API that no core module describes. Lists may be null: read them with `?? []`. */
export type List<T> = {
  readonly metadata?: { readonly resourceVersion?: string };
  readonly items: readonly T[] | null;
};

export type NodeRef = {
  readonly group?: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly uid?: string;
};

/** One live object of an application, or a desired one that is missing. */
export type TreeNode = NodeRef & {
  readonly version?: string;
  readonly parentRefs?: readonly NodeRef[] | null;
  readonly info?: readonly { readonly name: string; readonly value: string }[] | null;
  readonly images?: readonly string[] | null;
  readonly health?: Health;
  readonly createdAt?: string;
  readonly resourceVersion?: string;
};

export type ResourceTree = {
  readonly nodes: readonly TreeNode[] | null;
  readonly orphanedNodes?: readonly TreeNode[] | null;
};

/** Desired and live state of one object; the states are JSON texts, `null` or empty when there is none. */
export type ResourceDiff = {
  readonly group?: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly targetState?: string;
  readonly liveState?: string;
  readonly normalizedLiveState?: string;
  readonly predictedLiveState?: string;
  readonly modified?: boolean;
  readonly hook?: boolean;
};

export type UserAccount = {
  readonly loggedIn: boolean;
  readonly username?: string;
  readonly iss?: string;
};

export type Settings = { readonly userLoginsDisabled?: boolean };

export type Version = { readonly Version: string };

export type NamedObject = { readonly metadata: { readonly name: string } };

export type Cluster = { readonly name?: string; readonly server: string };

export type Repository = { readonly repo: string; readonly name?: string };

/** One message of the applications stream. */
export type ApplicationEvent = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly application: Application;
};

/** The body of a sync request, in the words of the API. */
export type SyncBody = {
  readonly revision?: string;
  /** Of the sources at `sourcePositions`, which count from 1. */
  readonly revisions?: readonly string[];
  readonly sourcePositions?: readonly number[];
  readonly dryRun: boolean;
  readonly prune: boolean;
  readonly strategy: { readonly apply: SyncForce } | { readonly hook: SyncForce };
  readonly resources: readonly NodeRef[] | null;
  readonly syncOptions: { readonly items: readonly string[] };
  readonly retryStrategy?: {
    readonly limit: number;
    readonly backoff: { readonly duration: string; readonly factor: number; readonly maxDuration: string };
  };
};

type SyncForce = { readonly force: boolean };

/** How an application is deleted. */
export type DeleteMode = 'foreground' | 'background' | 'orphan';
