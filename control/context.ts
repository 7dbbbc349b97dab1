import type { ClusterClient } from '../cluster/request/client.ts';
import { shownName } from '../core/application/home.ts';
import type { CompareContext } from '../core/diff/context.ts';
import { KeelsonError } from '../core/errors.ts';
import { applicationObject } from '../core/rbac/request.ts';
import type { Resource } from '../core/rbac/resources.ts';
import type { Initiator } from '../core/sync/operation/initiator.ts';
import type { Database } from '../db/client.ts';
import type { AuditEntry } from '../db/queries/installation/audit.ts';
import type { SettingsSource } from '../db/settings-source.ts';
import type { Engine } from '../engine/engine.ts';
import type { Keyring } from '../platform/encryption.ts';
import type { Logger } from '../platform/logger.ts';
import type { ApplicationStore } from './application/store/application-store.ts';
import type { ProjectStore } from './project/project-store.ts';
import type { HomeSettings } from './settings/write/settings-port.ts';

/** What control asks of the engine: a look at sources, and hints about rows that are committed. */
export type ControlEngine = Pick<
  Engine,
  | 'startOperation'
  | 'nudgeOperation'
  | 'refreshApplication'
  | 'refreshApplications'
  | 'refreshRepository'
  | 'refreshRepositories'
  | 'ensureClusterSession'
  | 'inspect'
  | 'runAction'
>;

/** What is asked of a cluster without an operation: looks at single objects, and actions on them. */
export type ClusterAccess = Pick<
  ClusterClient,
  'applyServerSide' | 'as' | 'create' | 'discover' | 'get' | 'patch' | 'podLogs' | 'resourceFor'
>;

/** What changes are made with; each process has one, made where it is composed. */
export type Control = {
  readonly db: Database;
  /** Where applications are kept. */
  readonly store: ApplicationStore;
  /** Where projects are kept. */
  readonly projects: ProjectStore;
  /** Where what sets the installation is kept as objects; absent where rows are all. */
  readonly homeSettings?: HomeSettings | undefined;
  readonly keyring: Keyring;
  readonly engine: ControlEngine;
  readonly log: Logger;
  readonly settings: Pick<SettingsSource, 'current'>;
  /** Reads the config of a cluster's Secret; throws, without quoting it, where it can't be used. */
  readonly clusterCredentials: (name: string, server: string, config: string) => unknown;
  /** Says why nothing can be compared under the rules of an application, if so. */
  readonly comparing: { faultOf(context: Pick<CompareContext, 'rules'>): Promise<string | undefined> };
  readonly config: {
    /** Namespace that applications belong to when nobody names one. */
    readonly controlPlaneNamespace: string;
  };
};

/** A right, as policies name it: what is done to which object of a kind. */
export type Permission = { readonly resource: Resource; readonly action: string; readonly object: string };

/** Whoever does something, as the audit tells of them. */
export type Author = {
  readonly by: Initiator;
  /** Address of their request; empty where the installation does it by itself. */
  readonly address: string;
};

/** Who does something, and what they may do. */
export type Actor = Author & {
  /** Throws `forbidden` unless they have the right. */
  require(permission: Permission): void;
};

/** Asks for a right to what its caller hasn't named: a refusal doesn't say what it is. */
export function requireHidden(actor: Actor, permission: Permission): void {
  try {
    actor.require(permission);
  } catch (cause) {
    if (!(cause instanceof KeelsonError) || cause.code !== 'forbidden') throw cause;
    throw new KeelsonError('forbidden', 'permission denied', { cause });
  }
}

/** An entry of the audit about what somebody does. */
export function auditOf(
  { by, address }: Author,
  entry: Omit<AuditEntry, 'actor' | 'address' | 'decision'>,
): AuditEntry {
  return { ...entry, actor: by.username, address };
}

/** The name of an application in rights and in the audit. */
export function objectOf(
  { config }: Pick<Control, 'config'>,
  application: { readonly project: string; readonly name: string; readonly namespace: string },
): string {
  return applicationObject(application, config.controlPlaneNamespace);
}

/** The name of an application as messages tell it. */
export function nameOf(
  { config }: Pick<Control, 'config'>,
  application: { readonly name: string; readonly namespace: string },
): string {
  return shownName(application, config.controlPlaneNamespace);
}
