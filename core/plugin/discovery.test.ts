import { describe, expect, it } from 'vitest';
import type { ListFolder } from '../path-glob.ts';
import { discover } from './discovery.ts';

const files = ['app.yaml', 'sub/deep/plugin.yaml'];

const list: ListFolder = async (path) => {
  const prefix = path === '' ? '' : `${path}/`;
  const inside = files.filter((file) => file.startsWith(prefix)).map((file) => file.slice(prefix.length));
  const names = new Set(inside.map((rest) => rest.split('/')[0] ?? ''));
  return [...names].map((name) => ({
    name,
    kind: inside.includes(name) ? ('file' as const) : ('folder' as const),
    linked: false,
  }));
};

const command = { command: ['x'], args: [] };

describe('core/plugin/discovery', () => {
  it.each([
    [{ fileName: 'a*.yaml' }, 'match'],
    [{ fileName: './app.yaml' }, 'match'],
    [{ fileName: 'plugin.yaml' }, 'no-match'],
    [{ fileName: '**/plugin.yaml' }, 'no-match'],
    [{ fileName: 'sub/*/plugin.yaml' }, 'match'],
    [{ fileName: '../app.yaml' }, 'no-match'],
    [{ glob: '**/plugin.yaml' }, 'match'],
    [{ glob: '**/other.yaml' }, 'no-match'],
    [{ fileName: 'none', glob: '**/plugin.yaml', command }, 'no-match'],
    [{ command }, 'ask'],
    [{}, 'no-match'],
  ] as const)('says of %j: %s', async (discovery, expected) => {
    expect(await discover(discovery, list)).toBe(expected);
  });
});
