import { describe, expect, it } from 'vitest';
import { discover } from './discovery.ts';

const files = ['app.yaml', 'sub/deep/plugin.yaml'];
const command = { command: ['x'], args: [] };

describe('core/plugin/discovery', () => {
  it.each([
    [{ fileName: 'a*.yaml' }, 'match'],
    [{ fileName: './app.yaml' }, 'match'],
    [{ fileName: 'plugin.yaml' }, 'no-match'],
    [{ fileName: '*' }, 'match'],
    [{ fileName: '*.yaml.bak' }, 'no-match'],
    [{ fileName: '**/plugin.yaml' }, 'no-match'],
    [{ fileName: 'sub/*/plugin.yaml' }, 'match'],
    [{ fileName: 'sub/*.yaml' }, 'no-match'],
    [{ fileName: 'sub' }, 'match'],
    [{ fileName: '../app.yaml' }, 'no-match'],
    [{ glob: '**/plugin.yaml' }, 'match'],
    [{ glob: '**/app.yaml' }, 'match'],
    [{ glob: 'sub/**' }, 'match'],
    [{ glob: 'app.yaml/**' }, 'no-match'],
    [{ glob: '**/{x,plug?n}.yaml' }, 'match'],
    [{ glob: '**/other.yaml' }, 'no-match'],
    [{ glob: '[z-a]' }, 'no-match'],
    [{ fileName: 'none', glob: '**/plugin.yaml', command }, 'no-match'],
    [{ command }, 'ask'],
    [{}, 'no-match'],
  ] as const)('says of %j: %s', (discovery, expected) => {
    expect(discover(discovery, files)).toBe(expected);
  });
});
