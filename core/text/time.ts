/** RFC 3339 in whole seconds, as Kubernetes writes times. */
export function formatTime(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z');
}
