import { describe, expect, it } from 'vitest';
import { readIndex } from './index-file.ts';

const written = `apiVersion: v1
entries:
  alpine:
  - apiVersion: v2
    description: |
      Lines
      entries:
    urls:
    - https://host/alpine-0.2.0.tgz
    version: 0.2.0
  - version: 1.10
    urls: [alpine-1.10.tgz]
  "quoted":
    - version: '2.0.0'
      urls: []
  empty: []
generated: "2024-01-01"
`;

describe('activities/helm/index-file', () => {
  it('answers for one chart of an index as Helm and people write it', () => {
    const index = readIndex(written);
    expect(index.names).toEqual(['alpine', 'quoted', 'empty']);
    expect(index.versionsOf('alpine')).toMatchObject([
      { version: '0.2.0', urls: ['https://host/alpine-0.2.0.tgz'] },
      { version: '1.1' },
    ]);
    expect(index.versionsOf('quoted')).toMatchObject([{ version: '2.0.0' }]);
    expect(index.versionsOf('empty')).toEqual([]);
    expect(index.versionsOf('nope')).toBeUndefined();
    expect(index.versionsOf('constructor')).toBeUndefined();
  });

  it.each([
    ['JSON', '{"apiVersion":"v1","entries":{"a":[{"version":"1.0.0","urls":["a.tgz"]}]}}'],
    ['flow style', 'apiVersion: v1\nentries: {a: [{version: 1.0.0, urls: [a.tgz]}]}\n'],
    [
      'other order and comments',
      '# mine\nentries:\n\n    # first\n    a:\n      - urls: [a.tgz]\n        version: 1.0.0\napiVersion: v1\n',
    ],
    [
      'Windows line ends',
      'apiVersion: v1\r\nentries:\r\n  a:\r\n  - version: 1.0.0\r\n    urls:\r\n    - a.tgz\r\n',
    ],
    ['an anchor for all', 'apiVersion: v1\nentries: &x\n  a:\n  - {version: 1.0.0, urls: [a.tgz]}\n'],
  ])('reads %s', (_, text) => {
    expect(readIndex(text).versionsOf('a')).toMatchObject([{ version: '1.0.0', urls: ['a.tgz'] }]);
  });

  it.each(['', '<html></html>', 'just: yaml', '[1, 2]', '{"a":', 'entries'])('refuses %j', (text) => {
    expect(() => readIndex(text)).toThrow(/no index of a Helm repository/);
  });

  it('reads a large index without parsing it whole', () => {
    const chart = (name: number) =>
      `  chart-${name}:\n${'  - version: 1.0.0\n    urls: [a.tgz]\n'.repeat(200)}`;
    const text = `apiVersion: v1\nentries:\n${Array.from({ length: 1000 }, (_, index) => chart(index)).join('')}`;
    const started = performance.now();
    const index = readIndex(text);
    expect(index.versionsOf('chart-500')).toHaveLength(200);
    // 8 MB; the whole takes the YAML reader more than ten seconds.
    expect(performance.now() - started).toBeLessThan(2000);
    expect(index.names).toHaveLength(1000);
  });
});
