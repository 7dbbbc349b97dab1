import { describe, expect, it } from 'vitest';
import {
  applyStrategy,
  deleteChoice,
  isForced,
  isMigrated,
  isPrunedLast,
  isValidated,
  parseSyncOptions,
  pruneChoice,
} from './options.ts';

const none = parseSyncOptions([]);

function withOptions(words: string): { metadata: { annotations: Record<string, string> } } {
  return { metadata: { annotations: { 'argocd.argoproj.io/sync-options': words } } };
}

const plain = { metadata: {} };

describe('core/sync/options', () => {
  it('has the defaults of the reference', () => {
    expect(none).toEqual({
      createNamespace: false,
      prune: 'yes',
      pruneLast: false,
      validate: true,
      replace: false,
      serverSideApply: true,
      applyOutOfSyncOnly: false,
      skipDryRunOnMissingResource: false,
      respectIgnoreDifferences: false,
      failOnSharedResource: false,
      clientSideApplyMigration: true,
      propagationPolicy: 'foreground',
      delete: 'yes',
    });
  });

  it.each<[string, string, unknown]>([
    ['CreateNamespace=true', 'createNamespace', true],
    ['createnamespace=true', 'createNamespace', false],
    ['Validate=false', 'validate', false],
    ['PrunePropagationPolicy=background', 'propagationPolicy', 'background'],
    ['PrunePropagationPolicy=sideways', 'propagationPolicy', 'foreground'],
    ['Prune=confirm', 'prune', 'confirm'],
    ['Delete=false', 'delete', 'no'],
    ['ClientSideApplyMigration=false', 'clientSideApplyMigration', false],
  ])('reads %s', (option, field, value) => {
    expect(parseSyncOptions([option])).toMatchObject({ [field]: value });
  });

  it('lets the word on the object come before the application', () => {
    const kept = parseSyncOptions(['Prune=false', 'Delete=false']);
    expect(pruneChoice(plain, kept)).toBe('no');
    expect(pruneChoice(withOptions('Prune=true'), kept)).toBe('yes');
    expect(pruneChoice(withOptions('Validate=false, Prune=confirm'), none)).toBe('confirm');
    expect(deleteChoice(plain, kept)).toBe('no');
    expect(deleteChoice(withOptions('Delete=confirm'), none)).toBe('confirm');
  });

  it('turns validation off and pruning last on from either side', () => {
    expect(isValidated(plain, none)).toBe(true);
    expect(isValidated(withOptions('Validate=false'), none)).toBe(false);
    expect(isValidated(plain, parseSyncOptions(['Validate=false']))).toBe(false);
    expect(isPrunedLast(withOptions('PruneLast=true'), none)).toBe(true);
    expect(isPrunedLast(plain, parseSyncOptions(['PruneLast=true']))).toBe(true);
    expect(isPrunedLast(plain, none)).toBe(false);
  });

  it('replaces what exists, creates what does not, and applies everything else', () => {
    const replacing = parseSyncOptions(['Replace=true', 'ServerSideApply=true']);
    expect(applyStrategy(plain, plain, none)).toBe('server-side');
    expect(applyStrategy(plain, plain, replacing)).toBe('replace');
    expect(applyStrategy(plain, undefined, replacing)).toBe('create');
    expect(applyStrategy(withOptions('Replace=true'), plain, none)).toBe('replace');
    expect(applyStrategy(plain, withOptions('Replace=true'), none)).toBe('replace');
  });

  it('merges on the client where server-side apply is turned off, the word on the object first', () => {
    const off = parseSyncOptions(['ServerSideApply=false']);
    expect(applyStrategy(plain, plain, off)).toBe('client-side');
    expect(applyStrategy(withOptions('ServerSideApply=true'), plain, off)).toBe('server-side');
    expect(applyStrategy(withOptions('ServerSideApply=false'), undefined, none)).toBe('client-side');
    expect(applyStrategy(withOptions('ServerSideApply=false,Replace=true'), plain, none)).toBe('replace');
  });

  it('forces what the request or either side of the object says', () => {
    const word = withOptions('Force=true');
    expect(isForced(plain, plain, false)).toBe(false);
    expect(isForced(plain, undefined, true)).toBe(true);
    expect(isForced(word, undefined, false)).toBe(true);
    expect(isForced(plain, word, false)).toBe(true);
  });

  it('migrates fields unless the application or the object says no', () => {
    expect(isMigrated(plain, none)).toBe(true);
    expect(isMigrated(plain, parseSyncOptions(['ClientSideApplyMigration=false']))).toBe(false);
    expect(isMigrated(withOptions('ClientSideApplyMigration=false'), none)).toBe(false);
  });
});
