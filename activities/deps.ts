import type { ClusterClient } from '../cluster/request/client.ts';
import type { ClusterAddress } from '../core/settings/filter.ts';
import type { Database } from '../db/client.ts';
import type { ContentStore } from '../db/content-store.ts';
import type { ChangeHub } from '../db/listen.ts';
import type { SettingsSource } from '../db/settings-source.ts';
import type { Engine } from '../engine/engine.ts';
import type { Keyring } from '../platform/encryption.ts';
import type { Faults } from '../platform/fault.ts';
import type { Jq } from '../platform/jq/jq.ts';
import type { Limiter } from '../platform/limiter.ts';
import type { Logger } from '../platform/logger.ts';
import type { LuaEngine } from '../platform/lua/engine.ts';
import type { Sandbox } from '../platform/sandbox/sandbox.ts';
import type { KnownListings } from './desired/known-listings.ts';
import type { Git } from './git/git.ts';
import type { Charts } from './helm/charts.ts';
import type { UpkeepLimits } from './home/limits.ts';
import type { OciArtifacts } from './oci/artifacts.ts';
import type { Plugins } from './plugin/plugins.ts';
import type { Http } from './remote/http.ts';
import type { RenderTools } from './render/render.ts';
import type { LiveClusters } from './session/live-clusters.ts';

/** What activities of every queue stand on: the rows, and who is told of them. */
export type RecordDeps = {
  readonly db: Database;
  readonly keyring: Keyring;
  readonly content: ContentStore;
  readonly engine: Engine;
  readonly log: Logger;
  readonly faults: Faults;
  readonly settings: SettingsSource;
  /** Namespace whose applications are tracked by their bare name. */
  readonly homeNamespace: string;
};

/** What resolves and renders sources; no client of a cluster is among it. */
export type RenderDeps = RecordDeps & {
  readonly git: Git;
  /** Reads from servers that sources name. */
  readonly http: Http;
  readonly charts: Charts;
  readonly artifacts: OciArtifacts;
  /** What checks of repositories have just listed. */
  readonly listings: KnownListings;
  /** Programs that render; their paths carry their versions. */
  readonly tools: RenderTools;
  /** Runs those programs, which work on what users wrote. */
  readonly sandbox: Sandbox;
  /** Config management plugins, in sidecars and in the settings. */
  readonly plugins: Plugins;
  /** Limits the programs that render at once in this process. */
  readonly renderSlots: Limiter;
  /** Seconds between two revision checks of a repository, before jitter. */
  readonly reconcileSeconds: number;
  /** Seconds after which a render counts no longer, where the settings name none. */
  readonly hardReconcileSeconds?: number | undefined;
  /** Seconds that a program which renders may take. */
  readonly toolSeconds: number;
  /** Seconds within which a repository has to say what it has. */
  readonly listingSeconds: number;
};

/** What writes to clusters. */
export type ApplyDeps = RecordDeps & {
  /** A client of a cluster as it is registered now, shared within the process; it is retired when that changes. */
  clusterFor(clusterId: string): Promise<ClusterClient>;
  readonly jq: Jq;
};

/** What writes to clusters beside workflows. */
export type ShortApplyDeps = ApplyDeps & {
  /** Limits what is written at once: few that are quick, instead of many that are slow. */
  readonly shortApplies: Limiter;
};

/** What plans and settles on the live caches that this process holds. */
export type SessionDeps = RecordDeps & {
  readonly liveClusters: LiveClusters;
  readonly jq: Jq;
  /** Seconds between two self-heals where the settings name none. */
  readonly selfHealSeconds?: number | undefined;
};

/** A cluster as it is registered at the moment. */
export type RegisteredCluster = { readonly address: ClusterAddress; readonly client: ClusterClient };

/** What fills those caches and keeps them. */
export type LeaseDeps = SessionDeps & {
  /** What is announced of `db`. */
  readonly changes: ChangeHub;
  /** Runs the health scripts of the settings. */
  readonly lua: LuaEngine;
  /** Identity of this process, as it stands in session rows. */
  readonly instance: string;
  readonly release: string;
  /** The client of a cluster with the address that it is registered for; undefined when it isn't registered. */
  registeredCluster(clusterId: string): Promise<RegisteredCluster | undefined>;
  /** Whether objects of the home cluster are what holds. */
  readonly bridged: boolean;
  /** How deletions and absences of such objects are judged. */
  readonly homeLimits: UpkeepLimits;
  /** Starts taking compare and settle tasks of a cluster; resolves with the way to stop. */
  pollCluster(clusterId: string): Promise<{ stop(): Promise<void> }>;
};
