import type { Manifest } from '../../core/object/manifest/manifest.ts';

/**
 * Field validation of unknown and duplicate fields: refuse them or drop them silently. Server-side apply refuses
 * unknown fields either way (seen on 1.35).
 */
export type FieldValidation = 'Strict' | 'Ignore';

export type ObjectList = { readonly items: readonly Manifest[]; readonly resourceVersion: string };

/** One change of one object, or a bookmark that only moves the resource version on. */
export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: Manifest }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

/**
 * Why a watch is over. `ended`: the server's time for it was up; `silent`: neither event nor bookmark within the
 * deadline; `expired`: the resource version is too old and a new list is needed.
 */
export type WatchEnd = {
  readonly reason: 'ended' | 'silent' | 'expired';
  /** Where the next watch goes on, unless expired. */
  readonly resourceVersion: string;
};

export type CallOptions = { readonly signal?: AbortSignal | undefined };

export type WriteOptions = CallOptions & {
  /** Lets the server judge the write, admission included, and store nothing. */
  readonly dryRun?: boolean | undefined;
  /** `keelson` by default. */
  readonly fieldManager?: string;
  /** `Strict` by default. */
  readonly fieldValidation?: FieldValidation;
  /** Writes over this very state of the object: refused with a conflict that may pass once anything has changed. */
  readonly resourceVersion?: string | undefined;
};

export type ApplyOptions = WriteOptions & {
  /** Takes fields over from other managers instead of failing; true by default. */
  readonly force?: boolean;
};

export type ListOptions = CallOptions & {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Objects per request, 500 by default, and fewer where a page is too large; all pages are read. */
  readonly pageSize?: number;
  /** Called after each page with the number of objects so far. */
  readonly onPage?: (objects: number) => void;
};

export type WatchOptions = {
  readonly resourceVersion: string;
  /** Called when the server has agreed to the watch. */
  readonly onOpen?: () => void;
  readonly onEvent: (event: WatchEvent) => void;
  readonly signal: AbortSignal;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Longest time without a line before the connection counts as dead; 150 s by default, as bookmarks come each minute. */
  readonly silenceMs?: number;
  /** Time after which the server ends the watch; random between 240 and 480 s by default. */
  readonly timeoutSeconds?: number;
};

export type PatchType = 'json' | 'merge' | 'strategic';

export type PatchOptions = WriteOptions & { readonly subresource?: string };

export type DeleteOptions = CallOptions & {
  /** Deletes this very object and no successor of the same name. */
  readonly uid?: string | undefined;
  /** Deletes this very state of it: refused with a conflict once anything has changed. */
  readonly resourceVersion?: string | undefined;
  readonly propagationPolicy?: 'foreground' | 'background' | 'orphan';
  readonly gracePeriodSeconds?: number;
  readonly dryRun?: boolean | undefined;
};

export type LogOptions = CallOptions & {
  readonly container?: string;
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly timestamps?: boolean;
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  readonly sinceTime?: string;
};
