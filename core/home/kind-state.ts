/** How the mirroring of one kind of the home cluster stands. */
export type HomeKindState = {
  /** When its objects were last listed completely, RFC 3339; absent before the first time. */
  readonly listedAt?: string;
  /** Since when it can't be read, and why; absent while it can. What is mirrored of it may be old by as much. */
  readonly unavailable?: { readonly since: string; readonly reason: string };
};

/** The same of all kinds that are mirrored, by their names in the table of kinds. */
export type HomeKinds = Readonly<Record<string, HomeKindState>>;

/** What a watch has to say of its kind: it is followed, all of it was listed, or it can't be read. */
export type HomeKindNews = 'watched' | 'listed' | { readonly unavailable: string };

/** How a kind stands after such news. A kind that goes on being unavailable keeps the time since which it is. */
export function nextKindState(before: HomeKindState, news: HomeKindNews, now: Date): HomeKindState {
  const { unavailable, ...rest } = before;
  const at = now.toISOString();
  if (news === 'watched') return rest;
  if (news === 'listed') return { ...before, listedAt: at };
  return { ...rest, unavailable: { since: unavailable?.since ?? at, reason: news.unavailable } };
}
