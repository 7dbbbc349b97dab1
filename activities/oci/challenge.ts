/** What a registry asks for before it answers. */
export type Challenge =
  | { readonly kind: 'basic' }
  | { readonly kind: 'bearer'; readonly realm: string; readonly service: string; readonly scope: string };

/** Reads a `WWW-Authenticate` header; undefined for schemes that no registry uses. */
export function parseChallenge(header: string | string[] | undefined): Challenge | undefined {
  for (const text of [header ?? []].flat()) {
    const trimmed = text.trim();
    const scheme = /^\S+/.exec(trimmed)?.[0] ?? '';
    const rest = trimmed.slice(scheme.length);
    if (scheme.toLowerCase() === 'basic') return { kind: 'basic' };
    if (scheme.toLowerCase() !== 'bearer') continue;
    const fields = new Map<string, string>();
    for (const [, name = '', quoted, plain = ''] of rest.matchAll(
      /([\w-]{1,64})\s*=\s*(?:"([^"]*)"|([^\s,]+))/g,
    )) {
      fields.set(name.toLowerCase(), quoted ?? plain);
    }
    const realm = fields.get('realm');
    if (realm === undefined) continue;
    return { kind: 'bearer', realm, service: fields.get('service') ?? '', scope: fields.get('scope') ?? '' };
  }
  return undefined;
}
