/** A URL that came as a path segment: clients encode it once or twice, and the router has decoded it once. */
export function decodeTwice(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    // A single percent sign that encodes nothing: the segment was encoded once and is decoded already.
    return id;
  }
}
