import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Comparison } from '../cluster/compare/compare-object.ts';
import type { ClusterAccess, Control } from '../control/context.ts';
import type { CompareContext } from '../core/diff/context.ts';
import type { Manifest } from '../core/object/manifest/manifest.ts';
import type { PolicySource } from '../db/policy-source.ts';
import type { SecretSource } from '../db/secret-source.ts';
import type { SettingsSource } from '../db/settings-source.ts';
import type { LuaQueue } from '../platform/lua/engine.ts';
import type { ApplicationFeed } from './application/stream/application-feed.ts';
import type { Authenticator } from './auth/authenticator.ts';
import type { LastingReplies } from './auth/lasting-replies.ts';
import type { Subject } from './auth/subject.ts';
import type { TrustedProxies } from './request/client-address.ts';
import type { WebhookSecrets } from './request/webhook-proof.ts';
import type { ChangeFeed } from './stream/change-feed.ts';

export type ApiConfig = {
  /** Namespace that applications belong to when nobody names one. */
  readonly controlPlaneNamespace: string;
  /** Where browsers reach this server. */
  readonly url: string;
  readonly version: string;
  readonly webhookSecrets: WebhookSecrets;
  /** Whether deliveries are believed while no provider has a secret. */
  readonly webhookOpen: boolean;
  /** Longest body of a webhook delivery, where the settings name none. */
  readonly webhookMaxBytes: number;
  /** Folder of the built user interface; without it only the API is served. */
  readonly uiDir?: string;
  /** Who is believed about the addresses of clients. */
  readonly trustedProxies: TrustedProxies;
  /** Least time that a login takes, against guessing by timing; 500 when absent. */
  readonly loginPaddingMilliseconds?: number;
  /** Longest wait of a refresh for its comparison; a minute when absent. */
  readonly comparisonMilliseconds?: number;
};

/** The comparison that sessions make too, so that people see what it saw. */
export type Comparing = {
  compare(
    cluster: ClusterAccess,
    desired: Manifest,
    live: Manifest,
    context: CompareContext,
  ): Promise<Comparison>;
  /** Why nothing can be compared under these rules, if so. */
  faultOf(context: Pick<CompareContext, 'rules'>): Promise<string | undefined>;
};

/** Everything the API needs from outside. */
export type ApiDeps = Omit<Control, 'comparing' | 'config'> & {
  readonly clusterFor: (clusterId: string) => Promise<ClusterAccess>;
  readonly comparing: Comparing;
  readonly feed: ChangeFeed;
  readonly settings: SettingsSource;
  readonly policy: PolicySource;
  /** Values of Secrets that words refer to. */
  readonly secrets: Pick<SecretSource, 'current'>;
  /** Runs the scripts of custom actions. */
  readonly lua: LuaQueue;
  readonly now: () => Date;
  readonly config: ApiConfig;
};

export type ApiEnv = {
  Variables: {
    deps: ApiDeps;
    auth: Authenticator;
    applications: ApplicationFeed;
    lasting: LastingReplies;
    /** Who asks; absent on public paths without a valid token. */
    subject: Subject | undefined;
    /** The rights that the request has been asked for so far. */
    asked: Set<string>;
    /** The right that was last found missing; undefined where none was. */
    denied: { readonly resource: string; readonly action: string; readonly object: string } | undefined;
    /** The token that said so; absent where the request itself has ended its login. */
    token: string | undefined;
    /** Reads the body within the limits of its sender; not there for requests that have none. */
    body: () => Promise<Buffer>;
  };
};

export type Api = OpenAPIHono<ApiEnv>;
export type ApiContext = Context<ApiEnv>;
