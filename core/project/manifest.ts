import type { Condition } from '../application/status.ts';
import { formatTime } from '../text/time.ts';
import type { AppProject } from './project.ts';

/** A project as it is stored. */
export type ProjectRecord = {
  readonly id: string;
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly finalizers: string[];
  readonly spec: Record<string, unknown>;
  readonly status: Record<string, unknown>;
  readonly resourceVersion: number;
  readonly createdAt: Date;
  /** Of its object in the home cluster; null where there is none. */
  readonly homeUid?: string | null;
  /** What the mirroring of that object has to say. */
  readonly homeConditions?: readonly Condition[];
};

/** A project as clients see it, in the namespace in which Keelson is. */
export function projectManifest(record: ProjectRecord, namespace: string): AppProject {
  const { name, labels, annotations, finalizers } = record;
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: {
      name,
      namespace,
      uid: record.homeUid ?? record.id,
      resourceVersion: String(record.resourceVersion),
      creationTimestamp: formatTime(record.createdAt),
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ...(finalizers.length === 0 ? {} : { finalizers }),
    },
    spec: record.spec,
    status: record.status,
  };
}

/** The same for people, with what the mirroring of its object has to say. */
export function shownProject(record: ProjectRecord, namespace: string): AppProject {
  const manifest = projectManifest(record, namespace);
  const { homeConditions: conditions = [] } = record;
  return conditions.length === 0 ? manifest : { ...manifest, status: { ...manifest.status, conditions } };
}
