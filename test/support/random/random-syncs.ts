import fc from 'fast-check';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { configMap, deployment, hookJob, wave, yamlOf } from '../keelson/applications.ts';

/** What the simulated node does with an object's pods. */
export type Fate = 'works' | 'fail' | 'hang';

/** One random object of an application. */
export type RandomObject = {
  readonly kind: 'ConfigMap' | 'Deployment' | 'Hook';
  readonly name: string;
  readonly wave: number;
  readonly phase: string;
  readonly fate: Fate;
};

/** Something that happens to a sync while it runs. */
export type Disturbance = {
  readonly what: 'push' | 'terminate' | 'kill-worker' | 'nothing';
  readonly afterMilliseconds: number;
};

/** One random application: its revisions, of which later ones are pushes, and what happens meanwhile. */
export type RandomApplication = {
  readonly automated: boolean;
  readonly retries: number;
  readonly revisions: readonly (readonly RandomObject[])[];
  readonly disturbances: readonly Disturbance[];
};

const objects: fc.Arbitrary<RandomObject> = fc.record({
  kind: fc.constantFrom('ConfigMap', 'ConfigMap', 'Deployment', 'Hook'),
  name: fc.constantFrom('a', 'b', 'c', 'd'),
  wave: fc.integer({ min: -1, max: 2 }),
  phase: fc.constantFrom('PreSync', 'Sync', 'PostSync', 'SyncFail'),
  fate: fc.constantFrom('works', 'works', 'works', 'fail', 'hang'),
});

const disturbances: fc.Arbitrary<Disturbance> = fc.record({
  what: fc.constantFrom('push', 'push', 'terminate', 'kill-worker', 'nothing'),
  afterMilliseconds: fc.integer({ min: 0, max: 1500 }),
});

const applications: fc.Arbitrary<RandomApplication> = fc.record({
  automated: fc.boolean(),
  retries: fc.integer({ min: 0, max: 2 }),
  revisions: fc.array(
    fc.uniqueArray(objects, {
      minLength: 1,
      maxLength: 5,
      selector: ({ kind, name }) => `${kind}/${name}`,
    }),
    { minLength: 3, maxLength: 3 },
  ),
  disturbances: fc.array(disturbances, { minLength: 2, maxLength: 3 }),
});

/** The same applications for the same seed. */
export function randomApplications(seed: number, count: number): RandomApplication[] {
  return fc.sample(applications, { seed, numRuns: count });
}

/** The text of one revision. */
export function manifestsOf(revision: readonly RandomObject[], number: number): string {
  // Something always differs, so that each revision is one that automated sync has to bring.
  return yamlOf(configMap('revision', { number: String(number) }), ...revision.map(manifestOf));
}

function manifestOf({ kind, name, phase, fate, ...object }: RandomObject): Manifest {
  const annotations = wave(object.wave);
  const pod = fate === 'works' ? {} : { annotations: { 'keelson.test/pod': fate } };
  if (kind === 'ConfigMap') return configMap(name, { fate }, annotations);
  if (kind === 'Hook') return hookJob(`hook-${name}`, phase, annotations, pod);
  const made = deployment(name, 1, annotations);
  const spec = made['spec'] as { template: { metadata: object } };
  const metadata = { ...spec.template.metadata, ...pod };
  return { ...made, spec: { ...spec, template: { ...spec.template, metadata } } };
}
