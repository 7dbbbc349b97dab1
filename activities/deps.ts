import type { Limiter } from '../cluster/limiter.ts';
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
import type { Logger } from '../platform/logger.ts';
import type { LuaEngine } from '../platform/lua/engine.ts';
import type { Sandbox } from '../platform/sandbox/sandbox.ts';
import type { Git } from './git/git.ts';
import type { Charts } from './helm/charts.ts';
import type { OciArtifacts } from './oci/artifacts.ts';
import type { Plugins } from './plugin/plugins.ts';
import type { Http } from './remote/http.ts';
import type { RenderTools } from './render/render.ts';
import type { LiveClusters } from './session/live-clusters.ts';

/** A cluster as it is registered at the moment. */
export type RegisteredCluster = { readonly address: ClusterAddress; readonly client: ClusterClient };

/** Everything activities use from outside, made once in bin/. */
export type Deps = {
  readonly db: Database;
  /** What is announced of `db`. */
  readonly changes: ChangeHub;
  readonly keyring: Keyring;
  readonly content: ContentStore;
  readonly engine: Engine;
  readonly log: Logger;
  readonly faults: Faults;
  readonly settings: SettingsSource;
  readonly git: Git;
  /** Reads from servers that sources name. */
  readonly http: Http;
  readonly charts: Charts;
  readonly artifacts: OciArtifacts;
  readonly jq: Jq;
  /** Programs that render; their paths carry their versions. */
  readonly tools: RenderTools;
  /** Runs those programs, which work on what users wrote. */
  readonly sandbox: Sandbox;
  /** Config management plugins, in sidecars and in the settings. */
  readonly plugins: Plugins;
  /** Limits the programs that render at once in this process. */
  readonly renderSlots: Limiter;
  /** Limits what is written beside workflows at once: few that are quick, instead of many that are slow. */
  readonly shortApplies: Limiter;
  /** Runs the health scripts of the settings. */
  readonly lua: LuaEngine;
  /** Namespace whose applications are tracked by their bare name. */
  readonly homeNamespace: string;
  /** Identity of this process, as it stands in session rows. */
  readonly instance: string;
  readonly release: string;
  /** Seconds between two revision checks of a repository, before jitter. */
  readonly reconcileSeconds: number;
  /** Seconds within which a repository has to say what it has. */
  readonly listingSeconds: number;
  /** A client of a cluster as it is registered now, shared within the process; it is retired when that changes. */
  clusterFor(clusterId: string): Promise<ClusterClient>;
  /** The same client with the address that it is registered for; undefined when the cluster isn't registered. */
  registeredCluster(clusterId: string): Promise<RegisteredCluster | undefined>;
  /** Live caches that this process holds. */
  readonly liveClusters: LiveClusters;
  /** Starts taking compare and settle tasks of a cluster; resolves with the way to stop. */
  pollCluster(clusterId: string): Promise<{ stop(): Promise<void> }>;
};
