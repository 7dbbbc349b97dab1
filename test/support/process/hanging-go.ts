import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A compiler that has begun to write its output and has children, and comes to no end. */
export type HangingGo = {
  /** The folder to put in front on PATH. */
  readonly folder: string;
  /** Pids of the compiler's children, as far as they have been started. */
  children(): readonly number[];
};

/** Writes the program into a folder. */
export function writeHangingGo(parent: string): HangingGo {
  const folder = join(parent, 'hanging-go');
  const pids = join(folder, 'pids');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'go'),
    `#!/bin/sh
[ "$1" = version ] && { echo go version go1.99.0; exit; }
while [ "$1" != -o ]; do shift; done
echo half > "$2"
mkdir "$GOTMPDIR/compiling"
sleep 600 & echo $! >> ${pids}
sleep 600 & echo $! >> ${pids}
wait
`,
  );
  chmodSync(join(folder, 'go'), 0o755);
  return {
    folder,
    children: () => (existsSync(pids) ? readFileSync(pids, 'utf8').trim().split('\n').map(Number) : []),
  };
}
