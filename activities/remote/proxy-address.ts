/** A proxy's address as it is registered, with `http` where no scheme is written: so curl reads it for Git. */
export function proxyAddress(text: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
}
