import { describe, expect, it } from 'vitest';
import { deletionOf, isOwnFinalizer, withoutOwn } from './finalizers.ts';

const resources = 'resources-finalizer.argocd.argoproj.io';
const preDelete = 'pre-delete-finalizer.argocd.argoproj.io';
const postDelete = 'post-delete-finalizer.argocd.argoproj.io';

describe('finalizers of an application', () => {
  it.each([
    [[], { cascade: 'none' }],
    [['example.com/foreign'], { cascade: 'none' }],
    [[resources], { cascade: 'foreground' }],
    [[`${resources}/foreground`], { cascade: 'foreground' }],
    [[`${resources}/background`], { cascade: 'background' }],
    [[resources, `${resources}/background`], { cascade: 'foreground' }],
    [[preDelete, `${preDelete}/cleanup`], { cascade: 'none', hooksAlone: true }],
    [[postDelete], { cascade: 'none', hooksAlone: true }],
    [[postDelete, `${resources}/background`], { cascade: 'background' }],
  ])('%j ask for %j', (finalizers, request) => {
    expect(deletionOf(finalizers)).toEqual(request);
  });

  it('leave those of others when ours go', () => {
    const all = [
      resources,
      'example.com/foreign',
      `${postDelete}/cleanup`,
      `${preDelete}`,
      'foregroundDeletion',
    ];
    expect(withoutOwn(all)).toEqual(['example.com/foreign', 'foregroundDeletion']);
    expect(isOwnFinalizer('resources-finalizer.argocd.argoproj.io.example.com')).toBe(false);
  });
});
