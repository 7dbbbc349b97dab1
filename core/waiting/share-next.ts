/** Looks at something, one after the other. */
export type SharedLooks = {
  /** Resolves after a look that began after this was asked; rejects where that look fails. */
  look(): Promise<void>;
  /** Resolves once no look that was asked for is under way. */
  ended(): Promise<void>;
};

/**
 * Has a look made one after the other, so that an early answer can't replace a later one. Everybody who asks while one is
 * under way shares the next, and hears how it ends.
 */
export function shareNext(make: () => Promise<void>): SharedLooks {
  let looking: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return {
    look() {
      if (next !== undefined) return next;
      const own = looking.then(() => {
        next = undefined;
        return make();
      });
      next = own;
      looking = own.catch(() => {
        // Safe: those who asked for this look hear of it; the next begins anew.
      });
      return own;
    },
    ended: () => looking,
  };
}
