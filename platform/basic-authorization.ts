/** The value of a header that proves who asks by user and password. */
export function basicAuthorization(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** The same of the login that stands in an address, percent-encoded there; undefined where it has none. */
export function authorizationIn({ username, password }: URL): string | undefined {
  if (username === '') return undefined;
  return basicAuthorization(decodeURIComponent(username), decodeURIComponent(password));
}
