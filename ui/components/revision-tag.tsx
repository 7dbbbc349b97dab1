import {
  type NamedRevisions,
  requestedRevisions,
  shownRevisions,
} from '../../core/application/source/revisions.ts';

/** The revisions of an operation in short, whole when pointed at; nothing before they are known. */
export function RevisionTag({ named }: { readonly named: NamedRevisions }) {
  const shown = shownRevisions(named);
  if (shown === undefined) return null;
  return (
    <span className="tag mono" title={requestedRevisions(named).join('\n')}>
      {shown}
    </span>
  );
}
