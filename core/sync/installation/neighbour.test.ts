import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../object/manifest/manifest.ts';
import {
  type Marker,
  markerLease,
  markerSeconds,
  neighbourLines,
  neighboursOf,
  type ReferenceController,
  readController,
  readMarker,
} from './neighbour.ts';

const now = new Date('2026-11-30T12:00:00.000Z');
const self = { id: 'aaaaaaaa-0000', installationId: '' };
const marker: Marker = { id: 'bbbbbbbb-0000', instance: 'host/7', installationId: '', renewedAt: now };
const controller: ReferenceController = { namespace: 'argocd', installationId: '', running: true };
const longAgo = new Date(now.getTime() - markerSeconds * 1000);

describe('core/sync/installation/neighbour', () => {
  it.each<[string, Partial<Marker>, string, string[]]>([
    ['another installation', {}, '', ['Keelson bbbbbbbb (host/7)']],
    ['itself', { id: self.id }, '', []],
    ['one that is long gone', { renewedAt: longAgo }, '', []],
    ['one that marks its objects apart', { installationId: 'north' }, '', []],
    [
      'one that has the same installationID',
      { installationId: 'north' },
      'north',
      ['Keelson bbbbbbbb (host/7)'],
    ],
    ['one without, being set apart itself', {}, 'north', []],
  ])('knows by its marker %s', (_name, change, installationId, known) => {
    const markers = [{ ...marker, ...change }];
    expect(neighboursOf({ markers, controllers: [] }, { ...self, installationId }, now)).toEqual(known);
  });

  it.each<[string, Partial<ReferenceController>, string, string[]]>([
    ['runs', {}, '', ['Argo CD in namespace argocd']],
    ['is scaled to nothing', { running: false }, '', []],
    ['marks its objects apart', { installationId: 'south' }, '', []],
    [
      'has settings that nobody can read',
      { installationId: undefined },
      'north',
      ['Argo CD in namespace argocd'],
    ],
  ])('knows a controller of the reference that %s', (_name, change, installationId, known) => {
    const controllers = [{ ...controller, ...change }];
    expect(neighboursOf({ markers: [], controllers }, { ...self, installationId }, now)).toEqual(known);
  });

  it('reads back the marker that it writes, and no other lease', () => {
    const lease = markerLease(marker, 'kube-system');
    expect(readMarker(lease)).toEqual(marker);
    expect(lease['spec']).toMatchObject({ renewTime: '2026-11-30T12:00:00.000000Z' });
    expect(readMarker({ ...lease, spec: {} })).toBeUndefined();
    expect(readMarker({ ...lease, spec: { holderIdentity: 'a b', renewTime: 'soon' } })).toBeUndefined();
  });

  it('recognises controllers by their labels and reads what they are set to', () => {
    const workload = (labels: Record<string, string>, spec: object = {}): Manifest => ({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'c', namespace: 'gitops', labels },
      spec,
    });
    const settings: Manifest = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'argocd-cm' },
      data: { installationID: 'south' },
    };
    const named = { 'app.kubernetes.io/name': 'argocd-application-controller' };
    const chart = {
      'app.kubernetes.io/part-of': 'argocd',
      'app.kubernetes.io/component': 'application-controller',
    };
    const none = (): undefined => undefined;
    expect(readController(workload(named), none)).toEqual({
      namespace: 'gitops',
      installationId: undefined,
      running: true,
    });
    expect(readController(workload(chart, { replicas: 0 }), () => settings)).toEqual({
      namespace: 'gitops',
      installationId: 'south',
      running: false,
    });
    expect(readController(workload(named), () => ({ ...settings, data: {} }))?.installationId).toBe('');
    expect(readController(workload({ 'app.kubernetes.io/part-of': 'argocd' }), none)).toBeUndefined();
  });

  it('says a line for each with the remedy, and nothing where nobody is', () => {
    expect(neighbourLines([], [])).toEqual([]);
    const lines = neighbourLines(['Argo CD in namespace argocd'], ['f', 'e', 'd', 'c', 'b', 'a']);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^Argo CD in namespace argocd writes the same marks.*set installationID/);
    expect(lines[1]).toContain("applications that this installation doesn't have (a, b, c, d, e and 1 more)");
    expect(lines[1]).toContain('set installationID');
  });
});
