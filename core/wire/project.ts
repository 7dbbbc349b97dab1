import type { z } from 'zod';
import { AppProject } from '../project/project.ts';
import { listReply } from './shape.ts';

/** Projects as the caller may see them. */
export const ProjectList = listReply(AppProject);
export type ProjectList = z.infer<typeof ProjectList>;
