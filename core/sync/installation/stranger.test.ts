import { describe, expect, it } from 'vitest';
import { type Encounter, encounterOf, strangerReason, strangerWords } from './stranger.ts';

const key = (name: string) => ({ group: '', kind: 'ConfigMap', namespace: 'prod', name });

describe('core/sync/installation/stranger', () => {
  it.each<[applied: boolean, desired: boolean, attempted: boolean, encounter: Encounter]>([
    [true, true, true, 'own'],
    [true, true, false, 'own'],
    [true, false, true, 'own'],
    [true, false, false, 'own'],
    [false, true, true, 'own'],
    [false, true, false, 'taken-over'],
    [false, false, true, 'asks-first'],
    [false, false, false, 'asks-first'],
  ])('meets an object (applied %s, desired %s, attempted %s) as %s', (applied, desired, attempted, met) => {
    expect(encounterOf({ applied, desired, attempted })).toBe(met);
  });

  it('says whose a stranger may be and what becomes of it', () => {
    const app = { name: 'web', neighbours: ['Argo CD in namespace argocd', 'Keelson 1a2b3c4d (host/7)'] };
    expect(strangerWords('asks-first', [key('a')], app)).toBe(
      "ConfigMap prod/a carries this application's name, but this installation has never applied it: " +
        'Argo CD in namespace argocd or Keelson 1a2b3c4d (host/7) may have. It is pruned or deleted only after ' +
        'keelson app confirm-deletion web; to keep installations apart, set installationID',
    );
    expect(strangerWords('taken-over', ['a', 'b', 'c', 'd'].map(key), { ...app, neighbours: [] })).toBe(
      "ConfigMap prod/a, ConfigMap prod/b, ConfigMap prod/c and 1 more carry this application's name, but this " +
        'installation has never applied them: another installation may have. The first sync takes them over; to ' +
        'keep installations apart, set installationID',
    );
  });

  it('gives a reason only where strangers ask', () => {
    expect(strangerReason([{ key: key('a') }])).toBe('');
    expect(strangerReason([{ key: key('a') }, { key: key('b'), stranger: true }])).toBe(
      '; this installation has never applied ConfigMap prod/b, so another one may own it',
    );
  });
});
