import type { ApplicationSource } from '../../core/application/source/source-spec.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import type { RepositoryAccess } from '../../core/repository/access.ts';
import type { ToolSettings } from '../../core/settings/words/tool-settings.ts';
import type { Sandbox } from '../../platform/sandbox/sandbox.ts';
import type { Charts } from '../helm/charts.ts';
import type { Plugins } from '../plugin/plugins.ts';
import type { Http } from '../remote/http.ts';
import type { SourceFiles } from './files/source-files.ts';

/** Paths of the programs that render. */
export type RenderTools = { readonly helm: string; readonly kustomize: string; readonly jsonnet: string };

/** A source of the same application that lends its files under a name. */
export type RefSource = {
  readonly repoURL: string;
  readonly chart: string | undefined;
  readonly targetRevision: string | undefined;
  /** What the target revision stands for. */
  readonly revision: string;
  /** The root of its repository on this machine; fetched when first asked for. */
  readonly root: () => Promise<string>;
};

/** What the rendered objects may depend on besides the source itself. */
export type RenderApplication = {
  /** `name`, or `namespace_name` outside the home namespace. */
  readonly instanceName: string;
  /** The application's own name, the default of the Helm release name. */
  readonly name: string;
  /** The destination namespace. */
  readonly namespace: string;
  readonly project: string;
  /** The resolved commit. */
  readonly revision: string;
};

export type RenderLimits = {
  readonly timeoutSeconds: number;
  readonly maxOutputBytes: number;
  /** For all manifest files of a plain directory together. */
  readonly maxDirectoryBytes: number;
};

/** The reference allows 90 s for a tool and 10 MB for a directory; 64 MiB is far above any real chart's output. */
export const defaultLimits: RenderLimits = {
  timeoutSeconds: 90,
  maxOutputBytes: 64 * 1024 * 1024,
  maxDirectoryBytes: 10_000_000,
};

/** Ways to what a source names beside its own repository. */
export type RemoteInputs = {
  readonly charts: Charts;
  readonly http: Http;
  /** How the application's project reads a repository, registered or not. */
  readonly accessFor: (url: string) => Promise<RepositoryAccess>;
  /** The same for a Helm repository by the name it is registered with. */
  readonly accessNamed: (name: string) => Promise<RepositoryAccess | undefined>;
};

export type RenderRequest = {
  readonly files: SourceFiles;
  readonly source: ApplicationSource;
  /** By name, without the dollar sign; absent for the only source of an application in the single form. */
  readonly refs?: ReadonlyMap<string, RefSource> | undefined;
  readonly application: RenderApplication;
  readonly tools: RenderTools;
  /** Runs the tools. */
  readonly sandbox: Sandbox;
  /** Config management plugins; absent where there are none. */
  readonly plugins?: Plugins | undefined;
  /** Plugins that are not asked, since they didn't answer before; asked for when absent. */
  readonly unresponsive?: readonly string[] | undefined;
  /** What the installation says about the tools; defaults when absent. */
  readonly settings?: ToolSettings | undefined;
  /** Absent where a source may use nothing but its own files. */
  readonly remote?: RemoteInputs | undefined;
  /** Of the destination cluster, unless the source sets its own. */
  readonly kubeVersion?: string | undefined;
  readonly apiVersions?: readonly string[] | undefined;
  readonly limits?: Partial<RenderLimits> | undefined;
  readonly signal?: AbortSignal | undefined;
};

export type RenderResult = {
  readonly manifests: readonly Manifest[];
  /** The name of the tool that rendered it. */
  readonly sourceType: string;
  /** Sentences for people about what was left out or looks wrong. */
  readonly warnings: readonly string[];
};

/** A request whose folder was found. */
export type FoundFolder = RenderRequest & {
  /** The source's folder, from the root of its files. */
  readonly path: string;
  /** Whether the source itself names its tool. */
  readonly isToolChosen: boolean;
  readonly limits: RenderLimits;
  readonly settings: ToolSettings;
  /** Build variables, by name. */
  readonly variables: Readonly<Record<string, string>>;
  /** The same with its files on disk. */
  readonly onDisk: () => Promise<Rendering>;
};

/** What programs need of a request. */
export type Rendering = FoundFolder & {
  /** Absolute path of the files; they are only read. */
  readonly root: string;
  /** Absolute path of the source's folder, inside the root. */
  readonly folder: string;
  /** An empty directory of this render's own, removed afterwards. */
  readonly scratch: string;
};

export type Rendered = { readonly manifests: readonly Manifest[]; readonly warnings: readonly string[] };
