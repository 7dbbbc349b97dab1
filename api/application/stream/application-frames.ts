import { createHash } from 'node:crypto';
import type { Application } from '../../../core/application/spec/spec.ts';
import { formatJson } from '../../../core/object/json/json.ts';
import type { Fields } from '../../request/fields.ts';
import type { ApplicationEvent } from './application-feed.ts';

/** An application by who it is and nothing else. */
export type NamedApplication = { readonly id: string; readonly name: string; readonly namespace: string };

/** Makes the frames of one stream, by what its reader has been told. */
export type Framer = {
  /**
   * An application that the reader has seen at this version or a newer one gives no frame, and neither does a change that
   * the wanted fields don't show. What a reader has been told of is not new to it, also where its creation and a change
   * come together.
   */
  frame(event: ApplicationEvent): string | undefined;
  /** The applications that the reader knows, and has not been told that they are gone. */
  known(): ReadonlySet<string>;
  /** The reader knows these, as they were at the version at which it begins. */
  begin(applications: readonly NamedApplication[]): void;
  /** Shows what the reader hasn't been allowed to see so far, however old it is. */
  reveal(event: ApplicationEvent): string | undefined;
  /** Takes an application out of sight that the reader knows: that it is gone, and not a word of what it is now. */
  hide(id: string): string | undefined;
};

export function createFramer(fields: Fields, since: number): Framer {
  const seen = new Map<string, NamedApplication & { readonly version: number; readonly digest: string }>();
  const frameAfter = (least: number, { id, type, application }: ApplicationEvent): string | undefined => {
    const version = Number(application.metadata.resourceVersion ?? 0);
    const before = seen.get(id);
    if (version <= (before?.version ?? least)) return undefined;
    const shown = formatJson(fields.pick({ application }));
    const digest = createHash('sha256').update(shown).digest('base64');
    if (type === 'DELETED') seen.delete(id);
    else seen.set(id, { id, ...namesOf(application), version, digest });
    if (type !== 'DELETED' && before?.digest === digest) return undefined;
    const told = type === 'ADDED' && before !== undefined ? 'MODIFIED' : type;
    return formatJson({ result: fields.pick({ type: told, application }) });
  };
  return {
    frame: (event) => frameAfter(since, event),
    known: () => new Set(seen.keys()),
    begin(applications) {
      for (const { id, name, namespace } of applications) {
        seen.set(id, { id, name, namespace, version: since, digest: '' });
      }
    },
    reveal: (event) => (seen.has(event.id) ? undefined : frameAfter(-1, event)),
    hide(id) {
      const before = seen.get(id);
      if (before === undefined) return undefined;
      seen.delete(id);
      const { name, namespace } = before;
      const application: Application = {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'Application',
        metadata: { name, namespace, uid: id, resourceVersion: String(before.version) },
        spec: { project: '', destination: {} },
      };
      return formatJson({ result: fields.pick({ type: 'DELETED', application }) });
    },
  };
}

function namesOf({ metadata }: Application): Pick<NamedApplication, 'name' | 'namespace'> {
  const { name, namespace = '' } = metadata;
  return { name, namespace };
}
