/** Who asks that something be done, and on whose behalf. */
export type Initiator =
  | ({ readonly kind: 'user' } & Named)
  | ({ readonly kind: 'automation' | 'rollout' | 'application-set' | 'image-updater' } & OfItself)
  | ({ readonly kind: 'home-cluster' | 'system' } & Named);

type Kind = Initiator['kind'];

/** Shown as the reference shows it: an account, or nobody and automated. */
type Named = { readonly username: string; readonly automated: false };
type OfItself = { readonly username: ''; readonly automated: true };

/** What an operation's row holds of it: a release before these kinds wrote no kind. */
export type StoredInitiator = {
  readonly kind?: Kind;
  /** Account or SSO subject; empty where nobody in particular asked. */
  readonly username: string;
  readonly automated: boolean;
};

/** What people are shown of it: the account, or nobody and automated. */
export type ShownInitiator = Pick<StoredInitiator, 'username' | 'automated'>;

/** An initiator as people are shown it. */
export function shownInitiator({ username, automated }: ShownInitiator): ShownInitiator {
  return { username, automated };
}

/** What follows from the kind of an initiator. */
export type InitiatorRules = {
  /** Whether a newer state of the application takes over from what it asked for; what a person asked for stands. */
  readonly givesWay: boolean;
  /** Whether it asks for what was compared, so that options and revision are the application's own as they are by now. */
  readonly followsApplication: boolean;
  /** Whose rights count: the account's, or those of the project that the application is in. */
  readonly rights: 'account' | 'project' | 'installation';
};

const person = { givesWay: false, followsApplication: false } as const;
const automatic = { givesWay: true, followsApplication: true, rights: 'project' } as const;

const rules: Readonly<Record<Kind, InitiatorRules>> = {
  user: { ...person, rights: 'account' },
  automation: automatic,
  rollout: automatic,
  'application-set': automatic,
  'image-updater': automatic,
  'home-cluster': { ...person, rights: 'installation' },
  system: { ...person, rights: 'installation' },
};

/** What follows from who asked for an operation. */
export function rulesOf({ kind, automated }: StoredInitiator): InitiatorRules {
  return rules[kind ?? (automated ? 'automation' : 'user')];
}

/** Somebody who is logged in. */
export function userInitiator(username: string): Initiator {
  return { kind: 'user', username, automated: false };
}

/** A part of the installation itself, such as its settings file; the name stands in the audit. */
export function systemInitiator(part: string): Initiator {
  return { kind: 'system', username: part, automated: false };
}

/** Whoever has changed an object of the home cluster: who that is, its API server knows. */
export const homeInitiator: Initiator = { kind: 'home-cluster', username: 'home-cluster', automated: false };

/** The application's own policy. */
export const automation: Initiator = { kind: 'automation', username: '', automated: true };
