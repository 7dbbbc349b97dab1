import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPluginFileAt } from './server-setup.ts';

const file = `kind: ConfigManagementPlugin
metadata: {name: shown}
spec: {generate: {command: [cat]}}
`;

describe('activities/plugin/server-setup', () => {
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keelson-plugin-file-'));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('reads a plugin file, and says what in it has no effect', async () => {
    await writeFile(join(folder, 'plugin.yaml'), file);
    expect(await readPluginFileAt(folder)).toMatchObject({ plugin: { address: 'shown' }, notes: [] });
    await writeFile(join(folder, 'plugin.yaml'), `${file}...\nspec: {discover: {fileName: a}}\n`);
    expect(await readPluginFileAt(folder)).toMatchObject({
      plugin: { address: 'shown' },
      notes: [expect.stringMatching(/plugin\.yaml: line 5: stands behind the end of the document/)],
    });
  });
});
