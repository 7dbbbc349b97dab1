import type { AppProject } from '../../project/project.ts';
import type { RoleTokenBody } from '../project.ts';
import { type ApiRequest, flag } from './request.ts';

const projects = 'api/v1/projects';

/** A role of a project, as requests name it. */
export type RoleRef = { readonly project: string; readonly role: string };

function pathOf(name: string): string {
  return `${projects}/${encodeURIComponent(name)}`;
}

/** The projects that the caller may see. */
export function listProjects(): ApiRequest<'ProjectList'> {
  return { method: 'GET', path: projects, reply: 'ProjectList' };
}

/** A project as its owner wrote it. */
export function getProject(name: string): ApiRequest<'AppProject'> {
  return { method: 'GET', path: pathOf(name), reply: 'AppProject' };
}

/** A project with all that it inherits and what belongs to it. */
export function projectDetails(name: string): ApiRequest<'ProjectDetails'> {
  return { method: 'GET', path: `${pathOf(name)}/detailed`, reply: 'ProjectDetails' };
}

/** Creates a project; with `upsert` one that is there and differs is changed. */
export function createProject(
  project: AppProject,
  { upsert }: { readonly upsert: boolean },
): ApiRequest<'AppProject'> {
  return { method: 'POST', path: projects, body: { project, upsert }, reply: 'AppProject' };
}

/** What creating a project would come to. */
export function previewCreation(
  project: AppProject,
  { upsert }: { readonly upsert: boolean },
): ApiRequest<'ProjectPreview'> {
  const query = { dryRun: flag(true) };
  return { method: 'POST', path: projects, query, body: { project, upsert }, reply: 'ProjectPreview' };
}

/** Replaces a project, of the version that it was read in. */
export function updateProject(project: AppProject): ApiRequest<'AppProject'> {
  return { method: 'PUT', path: pathOf(project.metadata.name), body: { project }, reply: 'AppProject' };
}

/** What replacing a project would come to. */
export function previewUpdate(project: AppProject): ApiRequest<'ProjectPreview'> {
  const query = { dryRun: flag(true) };
  const path = pathOf(project.metadata.name);
  return { method: 'PUT', path, query, body: { project }, reply: 'ProjectPreview' };
}

/** Deletes a project that no application is in. */
export function deleteProject(name: string): ApiRequest<'Empty'> {
  return { method: 'DELETE', path: pathOf(name), reply: 'Empty' };
}

/** Issues a token of a role. */
export function createRoleToken({ project, role }: RoleRef, body: RoleTokenBody): ApiRequest<'Token'> {
  const path = `${pathOf(project)}/roles/${encodeURIComponent(role)}/token`;
  return { method: 'POST', path, body, reply: 'Token' };
}

/** Revokes a token of a role, by its id or else by when it was issued. */
export function deleteRoleToken(
  { project, role }: RoleRef,
  { iat, id }: { readonly iat: number; readonly id?: string | undefined },
): ApiRequest<'Empty'> {
  const path = `${pathOf(project)}/roles/${encodeURIComponent(role)}/token/${iat}`;
  return { method: 'DELETE', path, query: { id }, reply: 'Empty' };
}
