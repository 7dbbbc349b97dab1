import { type ByteCache, createByteCache } from '../../core/byte-cache.ts';
import type { Tree } from '../../core/render/tree.ts';
import { whileUsed } from '../../platform/while-used.ts';
import type { Checkout } from './checkout/checkout.ts';
import type { TreeEntry } from './checkout/tree.ts';

/** Files that several callers want of one commit, in one checkout. */
export type Batch = { readonly paths: Set<string>; readonly checkout: Promise<Checkout>; users: number };

/** What those who read through one Git access remember of commits, which never change, and share while it is made. */
export type CommitMemory = {
  /** By their listings, which the Git cache keeps for as long as they are used. */
  readonly trees: WeakMap<readonly TreeEntry[], Promise<Tree>>;
  /** Whether a checkout writes the files of a tree as they are stored. */
  readonly plain: WeakMap<Tree, Promise<boolean>>;
  /** Contents of files by their object ids. */
  readonly contents: ByteCache<Buffer>;
  /** Checkouts by repository and commit: the ends of those that are being made, and what waits for the next. */
  readonly checkouts: {
    readonly running: Map<string, Promise<unknown>>;
    readonly next: Map<string, Batch>;
  };
};

/** Bases and library charts are read for every application that uses them; 32 MB hold those of many repositories. */
const contentBytes = 32 * 1024 * 1024;

/** An empty memory. */
export function createCommitMemory(): CommitMemory {
  return {
    trees: new WeakMap(),
    plain: new WeakMap(),
    contents: createByteCache(contentBytes, whileUsed),
    checkouts: { running: new Map(), next: new Map() },
  };
}
