import type { ApplicationSource } from '../application/source/source-spec.ts';
import type { SourceType } from '../application/words.ts';
import type { ErrorCode } from '../errors.ts';
import type { Issue } from '../issue.ts';
import type { ParameterAnnouncement } from '../plugin/plugin-file.ts';
import type { RepositoryAccess } from './access.ts';

/** A stored repository as a project's applications read it. */
type Repository = { readonly url: string; readonly project: string };

/** What can be asked of a source, by kind, with what is answered. */
export type Inspections = {
  /** Whether a repository can be read; it needn't be stored. */
  readonly validate: {
    readonly request: { readonly access: RepositoryAccess };
    readonly reply: Record<never, never>;
  };
  /** What an application's sources name that isn't there, each at its field. */
  readonly sources: {
    readonly request: {
      readonly project: string;
      readonly sources: readonly { readonly field: string; readonly source: ApplicationSource }[];
    };
    readonly reply: { readonly issues: readonly Issue[] };
  };
  readonly refs: {
    readonly request: Repository;
    readonly reply: { readonly branches: readonly string[]; readonly tags: readonly string[] };
  };
  /** Folders that hold a chart or a kustomization. */
  readonly apps: {
    readonly request: Repository & { readonly revision: string };
    readonly reply: { readonly apps: readonly { readonly path: string; readonly type: SourceType }[] };
  };
  /** What a source has that can be set. */
  readonly details: {
    readonly request: { readonly source: ApplicationSource; readonly project: string; readonly name: string };
    readonly reply: SourceDetails;
  };
  /** The charts of a Helm repository. */
  readonly charts: {
    readonly request: Repository;
    readonly reply: {
      readonly charts: readonly { readonly name: string; readonly versions: readonly string[] }[];
    };
  };
  /** An application rendered; the objects are found by the render's id. */
  readonly manifests: {
    readonly request: {
      readonly applicationId: string;
      /** Instead of the sources' target revisions, by position; an empty text leaves a source its own. */
      readonly revisions?: readonly string[];
      /** Files that take the place of the source's. */
      readonly uploadId?: string;
    };
    readonly reply: {
      readonly renderId: string;
      /** What was rendered; the stored render may be that of an earlier commit with the same files. */
      readonly revision: string;
      readonly sourceTypes: readonly string[];
    };
  };
  readonly metadata: {
    readonly request: Repository & { readonly revision: string };
    readonly reply: {
      readonly author: string;
      readonly date: string;
      readonly message: string;
      readonly tags: readonly string[];
      /** What is said of the signature, where the project demands one. */
      readonly signatureInfo?: string;
    };
  };
  /** The config management plugins that a worker reaches. */
  readonly plugins: {
    readonly request: Record<never, never>;
    readonly reply: { readonly names: readonly string[] };
  };
  readonly 'chart-details': {
    readonly request: Repository & { readonly chart: string; readonly revision: string };
    readonly reply: {
      readonly description: string;
      readonly home: string;
      readonly maintainers: readonly string[];
    };
  };
};

export type InspectionKind = keyof Inspections;

/** A question about a source. */
export type InspectionRequest<Kind extends InspectionKind = InspectionKind> = {
  readonly [One in Kind]: { readonly kind: One } & Inspections[One]['request'];
}[Kind];

/** What a source answered, or in words why it didn't. */
export type InspectionOutcome<Kind extends InspectionKind = InspectionKind> =
  | { readonly reply: Inspections[Kind]['reply']; readonly failure?: never }
  | { readonly failure: InspectionFailure; readonly reply?: never };

export type InspectionFailure = {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
};

/** What of a source can be set, as forms show it. */
export type SourceDetails = {
  readonly type: SourceType;
  readonly helm?: {
    readonly name: string;
    readonly valueFiles: readonly string[];
    readonly parameters: readonly { readonly name: string; readonly value: string }[];
    /** Text of the chart's own values; empty when it is too long to show. */
    readonly values: string;
  };
  readonly kustomize?: { readonly images: readonly string[] };
  readonly plugin?: { readonly parametersAnnouncement: readonly ParameterAnnouncement[] };
};
