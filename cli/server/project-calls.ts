import type { AppProject } from '../../core/project/project.ts';
import * as projects from '../../core/wire/requests/projects.ts';
import type { Sender } from './sender.ts';

/** The calls about projects, their roles and windows. */
export function projectCalls({ call }: Sender) {
  type Upserting = { readonly upsert: boolean };
  return {
    list: async () => (await call(projects.listProjects())).items,
    get: (name: string) => call(projects.getProject(name)),
    details: (name: string) => call(projects.projectDetails(name)),
    create: (project: AppProject, choice: Upserting) => call(projects.createProject(project, choice)),
    previewCreation: (project: AppProject, choice: Upserting) =>
      call(projects.previewCreation(project, choice)),
    update: (project: AppProject) => call(projects.updateProject(project)),
    previewUpdate: (project: AppProject) => call(projects.previewUpdate(project)),
    delete: (name: string) => call(projects.deleteProject(name)),
    createToken: async (of: projects.RoleRef, choice: { readonly expiresIn: number; readonly id: string }) =>
      (await call(projects.createRoleToken(of, choice))).token,
    deleteToken: (of: projects.RoleRef, token: { readonly iat: number; readonly id?: string | undefined }) =>
      call(projects.deleteRoleToken(of, token)),
  };
}
