/** What templates and expressions are for; each has its functions and variables. */
export type TemplateUse = 'applicationSet' | 'notification' | 'deepLink';

/** A text with what its messages call it and which functions it may use. */
export type TemplateText = {
  readonly use: TemplateUse;
  readonly name: string;
  readonly text: string;
  /** Options of text/template, such as `missingkey=error`. */
  readonly options?: readonly string[];
};

/** What a function asks the host for: its name and arguments, such as `repo.GetCommitMetadata` of a revision. */
export type FactRequest = { readonly name: string; readonly args: readonly string[] };

/** A fact, or why it can't be had; dates in values are RFC 3339. */
export type Fact = FactRequest & ({ readonly value: unknown } | { readonly error: string });

/** What makes a run repeatable, and what it may ask. */
export type RunOptions = {
  /** Replaces randomness: the same request with the same seed gives the same outputs. */
  readonly seed: string;
  /** Replaces the clock. */
  readonly time: Date;
  /** Gets what a function asks for; without it such functions fail. */
  readonly findFact?: (request: FactRequest) => Promise<unknown>;
};

/** What is wrong with a text or its run; lines count from 1, columns from 0. */
export type TemplateFault = { readonly message: string; readonly line?: number; readonly column?: number };

/** What a template wrote, or why it didn't. */
export type Rendered = { readonly output: string } | { readonly error: TemplateFault };

/** What an expression gave, or why it didn't. */
export type Evaluated = { readonly value: unknown } | { readonly error: TemplateFault };

/** One line of the module's reply. */
export type ModuleResult = {
  readonly output?: string;
  readonly value?: unknown;
  readonly error?: TemplateFault;
  readonly missing?: FactRequest;
};

/** What the thread gets: the module's request as lines of JSON, and what its clock and randomness answer. */
export type ModuleCall = { readonly request: string; readonly seed: string; readonly time: number };

/** What the thread is started with. */
export type ModuleInput = { readonly modulePath: string; readonly maxPages: number };
