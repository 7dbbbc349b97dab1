import type { Manifest } from '../object/manifest/manifest.ts';

/** A value that an action asks for; `default` is what a form starts with. */
export type ActionParameter = {
  readonly name: string;
  readonly type?: string;
  readonly default?: string;
};

/** An action as it is offered for one object, in the words of the API. */
export type ActionOffer = {
  readonly name: string;
  readonly disabled?: boolean;
  /** Why it is disabled. */
  readonly reason?: string;
  /** Classes of the icon, from Font Awesome. */
  readonly iconClass?: string;
  readonly displayName?: string;
  readonly params?: readonly ActionParameter[];
};

/** Given values by name; texts, as they come from forms and flags. */
export type ActionValues = Readonly<Record<string, string>>;

/** What an action wants done: `patch` changes the object that it was run on, `create` makes another one. */
export type Impact = { readonly operation: 'patch' | 'create'; readonly manifest: Manifest };

/** What a built-in action may look at beside the object. */
export type ActionContext = {
  readonly values: ActionValues;
  /** RFC 3339 in UTC, in seconds. */
  readonly now: string;
};

/**
 * One built-in action of one kind. It throws a KeelsonError `invalid-argument` for a value it can't use; that the
 * object's state forbids it is said by `refuses`.
 */
export type BuiltinAction = Pick<ActionOffer, 'name' | 'iconClass'> & {
  /** Names that run it too and are not listed, for scripts that know it by another one. */
  readonly aliases?: readonly string[];
  /** What a button says, where the name alone would not do or the object decides it. */
  readonly displayName?: string | ((live: Manifest) => string);
  readonly params?: (live: Manifest) => readonly ActionParameter[];
  /** Whether it is offered for the object at all; always, when absent. */
  readonly offeredFor?: (live: Manifest) => boolean;
  /** Why the object's state doesn't allow it now; undefined when it does. */
  readonly refuses?: (live: Manifest) => string | undefined;
  readonly run: (live: Manifest, context: ActionContext) => readonly Impact[];
};

/** Actions by `group/Kind` (`/Pod` for the core group). */
export type ActionTable = Readonly<Record<string, readonly BuiltinAction[]>>;
