import { compareVersions } from '../object/resource-version.ts';

/** Which object a row mirrors, and how much of it is known; both null where the row itself is what holds. */
export type Mirrored = {
  readonly homeUid: string | null;
  readonly homeVersion: string | null;
  readonly project: string;
};

/** An object as it is found in the home cluster. */
export type Found = { readonly uid: string; readonly version: string; readonly project: string };

/**
 * How an object came to be known: as an event of a watch or the answer to a write, which may be overtaken; as an entry of
 * a complete list; or by a read of its own that was made because what told of it seemed old.
 */
export type Origin = 'event' | 'write' | 'list' | 'read';

/** What an object means for the row of its name. */
export type Meaning =
  /** Nothing stands under the name yet. */
  | 'new'
  /** The row was what holds until now: it becomes the object's if both say the same. */
  | 'claimed'
  /** Something newer of the row's object. */
  | 'newer'
  /** What is known already, or older than that. */
  | 'known'
  /** A list says less than is known: it was overtaken by a write, or the cluster's store was restored. One read tells. */
  | 'doubtful'
  /** The cluster has gone back behind what is known, and is the truth all the same. */
  | 'restored'
  /** The object was deleted and made anew: what is known of the application goes on. */
  | 'recreated'
  /** Another application has the name now. */
  | 'replaced';

/** Tells what an object means for the row of its name, if there is one. */
export function meaningOf(row: Mirrored | undefined, object: Found, origin: Origin): Meaning {
  if (row === undefined) return 'new';
  if (row.homeUid === null || row.homeVersion === null) return 'claimed';
  const order = compareVersions(object.version, row.homeVersion);
  // Versions that are no numbers can't be ordered; what comes last is newer then.
  const isOlder = order !== undefined && order < 0;
  if (isOlder && (origin === 'event' || origin === 'write')) return 'known';
  if (isOlder && origin === 'list') return 'doubtful';
  if (object.uid !== row.homeUid) return object.project === row.project ? 'recreated' : 'replaced';
  if (isOlder) return 'restored';
  return order === 0 ? 'known' : 'newer';
}
