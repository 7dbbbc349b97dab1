/**
 * How much V8 may take beside what is alive, of Node.js programs that run for weeks. Without them each heap, and each
 * thread has one, keeps up to 134 MB for new objects, and four times what is alive before it collects. A fixed bound
 * (`--max-old-space-size`) would end a role with a large cluster instead; a deployment may add one.
 */
export const heapFlags: readonly string[] = ['--max-semi-space-size=16', '--heap-growing-percent=50'];

/**
 * glibc keeps what was freed in eight heaps per core otherwise, and after one large piece takes larger ones from them too,
 * which nothing gives back: with these bounds a piece of 128 kB or more goes back as soon as it is freed.
 */
export const allocatorEnvironment: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
};
