/**
 * Whether a host is reached without the proxy: `*`, a name with its subdomains (`example.com`, `.example.com`), or a
 * name with a port.
 */
export function isExempt(url: URL, noProxy: string): boolean {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return noProxy.split(',').some((entry) => {
    const wanted = entry.trim().toLowerCase();
    if (wanted === '') return false;
    if (wanted === '*') return true;
    const { name, wantedPort } = splitPort(wanted);
    if (wantedPort !== undefined && wantedPort !== port) return false;
    const bare = name.replace(/^\*?\./, '');
    return host === bare || host.endsWith(`.${bare}`);
  });
}

function splitPort(text: string): { name: string; wantedPort?: string } {
  const match = /^(.*?):(\d+)$/.exec(text);
  // More than one colon without brackets is an IPv6 address, not a port.
  if (match === null || (match[1] ?? '').includes(':')) return { name: text.replace(/^\[|\]$/g, '') };
  return { name: (match[1] ?? '').replace(/^\[|\]$/g, ''), wantedPort: match[2] ?? '' };
}
