import { basicAuthorization } from '../../../platform/basic-authorization.ts';
import { type PrivateHosts, withPlaces } from '../../../platform/way-out/addresses.ts';
import type { Way, WayOut, WayRule } from '../../../platform/way-out/way-out.ts';
import { isExempt } from '../../remote/no-proxy.ts';
import { proxyAddress } from '../../remote/proxy-address.ts';
import { certificateFaultSeen } from '../../remote/seen-certificate.ts';
import { askpassVariables, type Login } from './askpass.ts';
import { createPrivateFiles, type PrivateFiles } from './private-files.ts';
import type { Remote } from './remote.ts';
import { sshEndpoint, sshVariables } from './ssh.ts';

/** What one Git run needs to reach a repository, made for it and gone after it. */
export type Connection = {
  readonly variables: Readonly<Record<string, string>>;
  readonly configuration: Readonly<Record<string, string>>;
  /** Why connections did not come about, in words that Git itself can't have. */
  failures(): readonly string[];
  /** What is wrong with the certificate that the host shows, in words that follow it; undefined when nothing is. */
  certificateFault(): Promise<string | undefined>;
  close(): Promise<void>;
};

export type ConnectionSetting = {
  readonly cacheDir: string;
  /** Leads to what may be reached, whatever Git is told by servers and files. */
  readonly wayOut: WayOut;
  /** What may be private although no repository is registered there. */
  readonly privateHosts: PrivateHosts;
  /** Makes a login for credentials that are no login by themselves. */
  readonly appLogin: (remote: Remote) => Promise<Login | undefined>;
  /** Makes the next login a new one, after the server refused the last. */
  readonly forgetLogin: (remote: Remote) => void;
};

type Parts = { variables: Record<string, string>; configuration: Record<string, string> };

/** Prepares credentials, trust and proxy of a repository in variables and private files, never in arguments. */
export async function openConnection(setting: ConnectionSetting, remote: Remote): Promise<Connection> {
  const variables: Record<string, string> = { GIT_ALLOW_PROTOCOL: protocolsFor(remote) };
  const none = {
    configuration: {},
    failures: () => [],
    certificateFault: async () => undefined,
    close: async () => undefined,
  };
  if (remote.protocol === 'file') return { variables, ...none };
  const files = await createPrivateFiles(setting.cacheDir);
  let way: Way | undefined;
  const close = async (): Promise<void> => {
    way?.close();
    await files.remove();
  };
  try {
    const rule = ruleOf(setting, remote);
    let parts: Parts;
    let proxy: URL | undefined;
    if (remote.protocol === 'ssh') {
      const { host, port } = sshEndpoint(remote.url);
      const led = await setting.wayOut.forward(rule, host, port);
      way = led;
      parts = { variables: await sshVariables(remote, files, led.port), configuration: {} };
    } else {
      const led = await setting.wayOut.open(rule);
      way = led;
      proxy = new URL(led.proxy);
      parts = await httpParts(setting, remote, files);
      // Every hop of a redirect goes through it too.
      parts.configuration['http.proxy'] = led.proxy;
      parts.configuration['http.proxyAuthMethod'] = 'basic';
    }
    return {
      variables: { ...variables, ...parts.variables },
      configuration: parts.configuration,
      failures: way.failures,
      certificateFault: async () => (proxy === undefined ? undefined : await faultOf(remote, proxy)),
      close,
    };
  } catch (cause) {
    await close();
    throw cause;
  }
}

async function faultOf(remote: Remote, proxy: URL): Promise<string | undefined> {
  const url = new URL(remote.url);
  return url.protocol === 'https:'
    ? await certificateFaultSeen({ url, ca: remote.caBundle, proxy }, remote, undefined)
    : undefined;
}

/** Where a run for a repository may get, and through which proxy. */
export function ruleOf(
  setting: Pick<ConnectionSetting, 'privateHosts'>,
  { credentials, opened }: Remote,
): WayRule {
  const { proxy, noProxy = '' } = credentials;
  const known = withPlaces(setting.privateHosts, opened);
  // SSH goes directly, as it does for Git itself.
  const isDirect = (url: URL): boolean => url.protocol === 'ssh:' || isExempt(url, noProxy);
  return {
    known,
    proxyFor: (url) => (proxy === undefined || isDirect(url) ? undefined : new URL(proxyAddress(proxy))),
  };
}

/** A server may send from http to https and back, to nothing else. */
function protocolsFor({ protocol }: Remote): string {
  return protocol === 'http' || protocol === 'https' ? 'http:https' : protocol;
}

async function httpParts(setting: ConnectionSetting, remote: Remote, files: PrivateFiles): Promise<Parts> {
  const { credentials, url } = remote;
  const host = `http.${new URL(url).origin}/`;
  const configuration: Record<string, string> = {};
  const variables: Record<string, string> = {};
  if (credentials.insecure === true) configuration[`${host}.sslVerify`] = 'false';
  if (remote.caBundle !== undefined) {
    configuration[`${host}.sslCAInfo`] = await files.write('ca.pem', remote.caBundle);
  }
  if (credentials.tlsClientCertData !== undefined && credentials.tlsClientCertKey !== undefined) {
    configuration[`${host}.sslCert`] = await files.write('client.pem', credentials.tlsClientCertData);
    configuration[`${host}.sslKey`] = await files.write('client-key.pem', credentials.tlsClientCertKey);
  }
  const { login, header } = await proofsOf(setting, remote);
  if (header !== undefined) {
    configuration[`${host}.extraHeader`] = `Authorization: ${header}`;
    // Git would send the header to whatever host a redirect names.
    configuration['http.followRedirects'] = 'false';
  } else if (login !== undefined) {
    Object.assign(variables, await askpassVariables(setting.cacheDir, url, login));
  }
  return { variables, configuration };
}

/** As whom a repository is read: with a header that is sent unasked, or a login for whoever asks. */
export type Proofs = { readonly login: Login | undefined; readonly header: string | undefined };

/** What proves to the repository's own host who reads it. */
export async function proofsOf(
  setting: Pick<ConnectionSetting, 'appLogin'>,
  remote: Remote,
): Promise<Proofs> {
  const login = (await setting.appLogin(remote)) ?? loginOf(remote);
  return { login, header: headerOf(remote, login) };
}

function loginOf({ credentials }: Remote): Login | undefined {
  const { username, password } = credentials;
  if (password === undefined) return undefined;
  // Hosts that take a bare token accept any user name with it.
  return { username: username || 'git', password };
}

/** The Authorization header of those credentials that are sent unasked. */
function headerOf({ credentials }: Remote, login: Login | undefined): string | undefined {
  if (credentials.bearerToken !== undefined) return `Bearer ${credentials.bearerToken}`;
  if (credentials.forceHttpBasicAuth !== true || login === undefined) return undefined;
  return basicAuthorization(login.username, login.password);
}
