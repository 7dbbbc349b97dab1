import type { SettingsRef } from '../../../core/home/settings/settings-object.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import type { Initiator } from '../../../core/sync/operation/initiator.ts';
import type { AuditEntry } from '../../../db/queries/installation/audit.ts';

/** What becomes of an object as it is by now: another one, or itself; undefined where it is to be gone. */
export type ChangeOf = (live: Manifest | undefined) => Manifest | undefined;

/** A change of one object that sets the installation, and who makes it. */
export type HomeChange = {
  readonly ref: Pick<SettingsRef, 'kind' | 'name'>;
  readonly changeOf: ChangeOf;
  readonly author: { readonly by: Initiator; readonly address: string };
  /** What is on record of it where the watch has taken the object before its writer could. */
  readonly audit: Omit<AuditEntry, 'actor' | 'address' | 'decision'>;
};

/** The objects of the home cluster by which the installation is set. */
export type HomeSettings = {
  readonly namespace: string;
  /**
   * Changes an object, and takes in what the API server answered before anybody is: what a crash leaves between the two the
   * watch brings.
   */
  change(change: HomeChange): Promise<void>;
};
