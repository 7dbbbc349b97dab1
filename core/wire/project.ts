import { z } from 'zod';
import { AppProject, SyncWindow } from '../project/project.ts';
import { Cluster } from './cluster.ts';
import { Repository } from './repository.ts';
import { list, listReply, plainList } from './shape.ts';

/** Projects as the caller may see them. */
export const ProjectList = listReply(AppProject);
export type ProjectList = z.infer<typeof ProjectList>;

/** The global projects that a project inherits from, in the order in which they are added. */
export const GlobalProjectList = plainList(AppProject);
export type GlobalProjectList = z.infer<typeof GlobalProjectList>;

/** A project with all that it inherits, and what belongs to it. */
export const ProjectDetails = z.object({
  project: AppProject,
  globalProjects: list(AppProject),
  repositories: list(Repository),
  clusters: list(Cluster),
});
export type ProjectDetails = z.infer<typeof ProjectDetails>;

/** The sync windows of a project that are active now. */
export const ProjectWindows = z.object({ windows: list(SyncWindow) });
export type ProjectWindows = z.infer<typeof ProjectWindows>;

/** A project as it is to be created or changed. */
export const ProjectBody = z.looseObject({
  project: z.unknown().optional(),
  /** Whether one that is there and differs is changed. */
  upsert: z.boolean().nullish(),
});
export type ProjectBody = z.infer<typeof ProjectBody>;

/** Where something falls out of a project, by which of its rules, and the words with which it will be refused. */
const Fallen = z.object({
  project: z.string(),
  application: z.string(),
  applicationNamespace: z.string(),
  rule: z.string(),
  message: z.string(),
});

/** An application that will no longer be permitted what it names. */
const FallenApplication = Fallen.extend({ part: z.enum(['destination', 'source', 'sourceNamespace']) });

/** A live object that will no longer be permitted, and stays as it is. */
const FallenObject = Fallen.extend({
  group: z.string(),
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
});

/** What saving a project would come to. The lists name the first ones of the counted. */
export const ProjectPreview = z.object({
  dryRun: z.literal(true),
  project: AppProject,
  /** Why it would not be saved; absent where it would. */
  refusal: z.string().exactOptional(),
  applicationCount: z.number().int(),
  objectCount: z.number().int(),
  applications: list(FallenApplication),
  objects: list(FallenObject),
});
export type ProjectPreview = z.infer<typeof ProjectPreview>;

/** A project that was saved or, with `dryRun`, what saving it would come to. */
export const WrittenProject = z.union([ProjectPreview, AppProject]);
export type WrittenProject = z.infer<typeof WrittenProject>;

/** Seconds, which some clients send as text. */
const Seconds = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d{1,15}$/)
    .transform(Number),
]);

/** The token of a role that is asked for. */
export const RoleTokenBody = z.object({
  description: z.string().nullish(),
  /** How long it counts; for ever where that is 0 or left out. */
  expiresIn: Seconds.nullish(),
  id: z.string().nullish(),
});
export type RoleTokenBody = z.infer<typeof RoleTokenBody>;
