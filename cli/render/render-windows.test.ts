import { describe, expect, it } from 'vitest';
import type { SyncWindows } from '../../core/wire/sync.ts';
import { formatWindows } from './render-windows.ts';

const deny = { kind: 'deny', schedule: '0 22 * * *', duration: '8h' };
const allow = { kind: 'allow', schedule: '0 8 * * *', duration: '8h', manualSync: true };
const none: SyncWindows = { activeWindows: [], assignedWindows: [], canSync: true };
const refusal = { message: 'blocked by sync window', opensAt: '2030-01-02T06:00:00Z' };
const later = { ...refusal, opensAt: '2030-01-02T08:00:00Z' };

describe('cli/render/render-windows', () => {
  it.each<[string, SyncWindows, readonly string[]]>([
    ['no window', none, ['SyncWindow:         Sync Allowed']],
    [
      'windows that allow it',
      { ...none, assignedWindows: [deny, allow] },
      ['SyncWindow:         Sync Allowed', 'Assigned Windows:   deny:0 22 * * *:8h,allow:0 8 * * *:8h'],
    ],
    [
      'one that lets people through',
      { ...none, assignedWindows: [allow], automatedRefusal: later },
      [
        'SyncWindow:         Manual Allowed',
        'Assigned Windows:   allow:0 8 * * *:8h',
        'Allowed From:       2030-01-02T08:00:00Z',
      ],
    ],
    [
      'one that lets nobody through',
      { ...none, assignedWindows: [deny], canSync: false, refusal, automatedRefusal: later },
      [
        'SyncWindow:         Sync Denied',
        'Assigned Windows:   deny:0 22 * * *:8h',
        'Allowed From:       2030-01-02T06:00:00Z',
      ],
    ],
    [
      'one that cannot be read',
      { ...none, assignedWindows: [deny], canSync: false, refusal: { message: 'it cannot be read' } },
      ['SyncWindow:         Sync Denied', 'Assigned Windows:   deny:0 22 * * *:8h'],
    ],
  ])('tells of %s', (_title, windows, lines) => {
    expect(formatWindows(windows).trimEnd().split('\n')).toEqual(lines);
  });
});
