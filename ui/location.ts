/** A page's path and query, as the router reads them from an address. */
export type Location = { readonly path: string; readonly query: URLSearchParams };

type Route =
  | { readonly page: 'login' }
  | { readonly page: 'applications' }
  /** Of `/applications/<name>`, and of `/applications/<namespace>/<name>` with the namespace before it. */
  | { readonly page: 'application'; readonly name: string }
  | { readonly page: 'unknown' };

export function readLocation(address: string): Location {
  const mark = address.indexOf('?');
  if (mark === -1) return { path: address, query: new URLSearchParams() };
  return { path: address.slice(0, mark), query: new URLSearchParams(address.slice(mark + 1)) };
}

/** Which page a path names; `/` is the list. */
export function routeOf(path: string): Route {
  const parts = path.split('/').filter((part) => part !== '');
  const [first, ...rest] = parts;
  if (first === undefined) return { page: 'applications' };
  if (first === 'login' && rest.length === 0) return { page: 'login' };
  if (first !== 'applications') return { page: 'unknown' };
  if (rest.length === 0) return { page: 'applications' };
  if (rest.length > 2) return { page: 'unknown' };
  return { page: 'application', name: rest.map(decode).join('/') };
}

/** The page of an application by its qualified name. */
export function applicationPath(name: string, query: Readonly<Record<string, string>> = {}): string {
  const search = new URLSearchParams(query).toString();
  const path = name.split('/').map(encodeURIComponent).join('/');
  return `/applications/${path}${search === '' ? '' : `?${search}`}`;
}

/** The page to open after a login. Anything that could lead to another origin becomes the list. */
export function safeReturnPath(returnUrl: string | null): string {
  const home = '/applications';
  if (returnUrl === null || !/^\/(?![/\\])[^\\\s]*$/.test(returnUrl)) return home;
  return routeOf(readLocation(returnUrl).path).page === 'login' ? home : returnUrl;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A stray percent sign in a typed address: the text itself is the best guess at the name.
    return part;
  }
}
