/**
 * What becomes of a key, flag or variable of the reference. `mapped`: it has the same effect here. `ignored`: Keelson has
 * no such thing that it could be about. `later`: it has no effect yet, and comes with its subject.
 */
export type Outcome =
  | { readonly state: 'mapped'; readonly words: string }
  | { readonly state: 'ignored'; readonly words: string }
  | { readonly state: 'later'; readonly words: string };

export type Outcomes = Readonly<Record<string, Outcome>>;

/** Has the effect that these words say. */
export function mapped(words: string): Outcome {
  return { state: 'mapped', words };
}

/** Is about something that isn't there. */
export function ignored(words: string): Outcome {
  return { state: 'ignored', words };
}

/** Comes with a subject. */
export function later(subject: string): Outcome {
  return { state: 'later', words: subject };
}

export const noRedis = ignored('there is no Redis: what is kept is in the database');
export const noShards = ignored(
  'there are no shards: clusters are spread over all session hosts by themselves',
);
export const noProcessors = ignored(
  'there are no processors: applications are compared and synced as they come',
);
export const noCache = ignored('there is no such cache: live state is kept as long as its watch stands');
export const noRepoServer = ignored('there is no repository server: workers render');
