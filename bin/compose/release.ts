import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const manifest: { version: string } = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8'),
);

/** Version of this release, from package.json. */
export const releaseVersion = manifest.version;
