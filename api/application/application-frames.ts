import { createHash } from 'node:crypto';
import { formatJson } from '../../core/object/json/json.ts';
import type { Fields } from '../request/fields.ts';
import type { ApplicationEvent } from './application-feed.ts';

/**
 * Makes the frames of one stream. An application that the reader has seen at this version or a newer one gives no
 * frame, and neither does a change that the wanted fields don't show. What a reader has been told of is not new to it, also
 * where its creation and a change come together.
 */
export function createFramer(fields: Fields, since: number): (event: ApplicationEvent) => string | undefined {
  const seen = new Map<string, { version: number; digest: string }>();
  return ({ id, type, application }) => {
    const version = Number(application.metadata.resourceVersion ?? 0);
    const before = seen.get(id);
    if (version <= (before?.version ?? since)) return undefined;
    const shown = formatJson(fields.pick({ application }));
    const digest = createHash('sha256').update(shown).digest('base64');
    if (type === 'DELETED') seen.delete(id);
    else seen.set(id, { version, digest });
    if (type !== 'DELETED' && before?.digest === digest) return undefined;
    const told = type === 'ADDED' && before !== undefined ? 'MODIFIED' : type;
    return formatJson({ result: fields.pick({ type: told, application }) });
  };
}
