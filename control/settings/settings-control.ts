import type { Notice } from '../../core/home/settings/notice.ts';
import type { SettingsObject, SettingsRef } from '../../core/home/settings/settings-object.ts';
import type { Database } from '../../db/client.ts';
import type { SettingsScope } from '../../db/queries/home/settings-object.ts';
import type { Author, Control } from '../context.ts';

/** What objects of the home cluster are taken over with. */
export type SettingsControl = Pick<Control, 'db' | 'keyring' | 'engine' | 'log' | 'clusterCredentials'>;

/** The same within the transaction that takes an object over, and by whom. */
export type Taking = Pick<SettingsControl, 'keyring' | 'clusterCredentials'> & {
  readonly tx: Database;
  readonly author: Author;
};

/** What has to be told to the engine once everything is committed. */
export type Effects = {
  /** Applications that are rendered again. */
  readonly refresh: readonly string[];
  /** Whether repositories are due. */
  readonly repositories: boolean;
  /** A cluster that is to have a session. */
  readonly cluster?: string | undefined;
};

export const noEffects: Effects = { refresh: [], repositories: false };

/** What bringing an object into force came to. */
export type Applied = { readonly notices: readonly Notice[]; readonly effects: Effects };

/** What is known of objects that hold one thing for the whole installation, each under its own name. */
export type SingleRole = {
  readonly sort: 'single';
  /** Brings in force what the object says; without one it is gone. Nothing is ever put out of force unless accepted. */
  apply(taking: Taking, asked: SingleObject): Promise<Applied>;
};

/** An object as it is now, and whether somebody accepts what it says. */
export type SingleObject = {
  readonly ref: SettingsRef;
  readonly object: Pick<SettingsObject, 'values' | 'unreadable'> | undefined;
  readonly accepted: boolean;
};

/** What is known of Secrets of which each speaks of an address, and several may speak of one. */
export type AddressedRole = {
  readonly sort: 'addressed';
  scopeOf(object: SettingsObject): SettingsScope;
  /** Why an object can't be used, without any of its values; undefined where it can. */
  faultOf(taking: Taking, object: SettingsObject): Promise<string | undefined>;
  /** Brings in force what the object says that counts for an address; where none is left, forgets the address. */
  apply(taking: Taking, scope: SettingsScope, winner: Winner | undefined): Promise<Effects>;
};

/** The object that counts for an address. */
export type Winner = Pick<SettingsObject, 'name' | 'labels' | 'annotations' | 'values'>;
