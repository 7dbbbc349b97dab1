/**
 * Where the host begins in an address behind its `://`: after the user part, also where a password holds signs that
 * should have been escaped.
 */
export function hostStart(address: string): number {
  const query = address.indexOf('?');
  const path = query === -1 ? address : address.slice(0, query);
  // With a password the user part may go beyond a slash or a question mark; a path such as `/a@v1` alone is none.
  if (!hasPassword(path)) return authorityOf(path).lastIndexOf('@') + 1;
  return (path.includes('@') ? path : address).lastIndexOf('@') + 1;
}

/** An address without its user part; the scheme may be missing, as in those of proxies. */
export function withoutUser(address: string): string {
  const [scheme = ''] = /^[a-z][a-z0-9+.-]*:\/\//i.exec(address) ?? [];
  const rest = address.slice(scheme.length);
  return scheme + rest.slice(hostStart(rest));
}

/** Whether there is a colon that no port follows, before the first slash. */
function hasPassword(address: string): boolean {
  const authority = authorityOf(address);
  const [host = authority] = authority.startsWith('[') ? authority.split(']').slice(1) : [authority];
  return /:(?!\d{1,5}$)/.test(host);
}

function authorityOf(address: string): string {
  const [authority = ''] = address.split('/', 1);
  return authority;
}
