import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readToolsLock } from './tools-lock.ts';
import { isWithin } from './version.ts';

const lock = readToolsLock();
const tools = Object.entries(lock.tools);

describe('local/tools-lock', () => {
  it('pins every tool of the local platform', () => {
    const needed =
      'etcd helm jsonnet kube-apiserver kube-controller-manager kube-scheduler kubectl kustomize kwok temporal';
    expect(Object.keys(lock.tools)).toEqual(expect.arrayContaining(needed.split(' ')));
  });

  it.each(tools)('accepts the pinned version of %s itself', (_name, tool) => {
    expect(isWithin(tool.version, tool.accepts)).toBe(true);
  });

  it.each(tools)('has committed checksums for the Go build of %s', (_name, tool) => {
    const folder = fileURLToPath(new URL(`../tools/${tool.goBuild.module}/`, import.meta.url));
    expect(existsSync(`${folder}go.sum`)).toBe(true);
    expect(readFileSync(`${folder}go.mod`, 'utf8')).toContain(tool.goBuild.package);
  });

  it.each(tools)('names a download or its absence for all four platforms of %s', (_name, tool) => {
    const platforms = ['darwin-amd64', 'darwin-arm64', 'linux-amd64', 'linux-arm64'];
    expect(Object.keys(tool.downloads).sort()).toEqual(platforms);
  });

  it('says where a malformed lock is wrong', () => {
    expect(() => readToolsLock('{"goVersion":"1.26.0","tools":{"etcd":{"version":"3"}}}')).toThrow(
      /tools\.lock\.json is malformed[\s\S]*tools\.etcd\.version/,
    );
  });
});
