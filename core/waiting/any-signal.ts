/** What each composite is made of. */
const sources = new WeakMap<AbortSignal, readonly AbortSignal[]>();

/**
 * A signal that aborts with the first of these. Node.js (24.21) lets go of the signals that a composite of its own is made
 * of: of one that aborts while nobody listens to the composite, and is collected before anybody asks, the composite never
 * hears, and whoever waits with it then waits for ever. Here they live for as long as the composite.
 */
export function anySignal(signals: readonly AbortSignal[]): AbortSignal {
  const composite = AbortSignal.any([...signals]);
  sources.set(composite, signals);
  return composite;
}
