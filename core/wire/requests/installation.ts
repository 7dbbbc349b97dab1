import type { Request } from '../../rbac/decide.ts';
import type { AcceptSettingsBody, InstallationSettingsBody } from '../server.ts';
import type { LoginBody, PasswordBody } from '../session.ts';
import { type ApiRequest, flag } from './request.ts';

const session = 'api/v1/session';
const settings = 'api/v1/keelson/settings';

/** Logs in. */
export function login(body: LoginBody): ApiRequest<'Token'> {
  return { method: 'POST', path: session, body, reply: 'Token' };
}

/** Ends the login. */
export function logout(): ApiRequest<'Empty'> {
  return { method: 'DELETE', path: session, reply: 'Empty' };
}

/** Who is logged in. */
export function userInfo(): ApiRequest<'UserInfo'> {
  return { method: 'GET', path: `${session}/userinfo`, reply: 'UserInfo' };
}

/** Changes a password. */
export function updatePassword(body: PasswordBody): ApiRequest<'Empty'> {
  return { method: 'PUT', path: 'api/v1/account/password', body, reply: 'Empty' };
}

/** Ends all logins of an account. */
export function logoutAll(account: string): ApiRequest<'Empty'> {
  const path = `api/v1/account/${encodeURIComponent(account)}/sessions`;
  return { method: 'DELETE', path, reply: 'Empty' };
}

/** Whether the caller may do something. */
export function canI({ resource, action, object }: Request): ApiRequest<'Permission'> {
  const words = [resource, action, object].map(encodeURIComponent);
  return { method: 'GET', path: `api/v1/account/can-i/${words.join('/')}`, reply: 'Permission' };
}

/** The server's version. */
export function version(): ApiRequest<'Version'> {
  return { method: 'GET', path: 'api/version', reply: 'Version' };
}

/** What forms have to know of the installation. */
export function serverSettings(): ApiRequest<'ServerSettings'> {
  return { method: 'GET', path: 'api/v1/settings', reply: 'ServerSettings' };
}

/** The words that set the installation. */
export function getSettings(): ApiRequest<'InstallationSettings'> {
  return { method: 'GET', path: settings, reply: 'InstallationSettings' };
}

/** Replaces words; with `partial` those that can't be read are left out. */
export function putSettings(
  { configMaps }: InstallationSettingsBody,
  { partial }: { readonly partial: boolean },
): ApiRequest<'InstallationSettings'> {
  const query = { partial: flag(partial) };
  return { method: 'PUT', path: settings, query, body: { configMaps }, reply: 'InstallationSettings' };
}

/** Brings back the words before the last change. */
export function rollBackSettings(): ApiRequest<'InstallationSettings'> {
  return { method: 'POST', path: `${settings}/rollback`, body: {}, reply: 'InstallationSettings' };
}

/** Puts in force what the home cluster's objects say, as far as their versions are named. */
export function acceptSettings(body: AcceptSettingsBody): ApiRequest<'InstallationSettings'> {
  return { method: 'POST', path: `${settings}/accept`, body, reply: 'InstallationSettings' };
}

/** Projects. */
export function listProjects(): ApiRequest<'ProjectList'> {
  return { method: 'GET', path: 'api/v1/projects', reply: 'ProjectList' };
}

/** Clusters. */
export function listClusters(): ApiRequest<'ClusterList'> {
  return { method: 'GET', path: 'api/v1/clusters', reply: 'ClusterList' };
}
