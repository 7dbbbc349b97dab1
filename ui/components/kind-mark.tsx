import { kindMarkOf } from './kind-family.ts';

/** A kind's usual short name on its family's colour; beside it the kind is always written out or in the title. */
export function KindMark({ kind }: { readonly kind: string }) {
  const { text, family } = kindMarkOf(kind);
  return (
    <span className={`kind kind-${family}`} title={kind} aria-hidden="true">
      {text}
    </span>
  );
}
