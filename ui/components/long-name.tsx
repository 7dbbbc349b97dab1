import { Fragment } from 'react';

/** Generated names differ at their ends, so that is the part to keep. */
const keptTail = 6;

/** A name on one line that gives way in its middle, not at the end that tells it from its siblings. */
export function LongName({ name }: { readonly name: string }) {
  return (
    <span className="long-name">
      <span>{name.slice(0, -keptTail)}</span>
      <span>{name.slice(-keptTail)}</span>
    </span>
  );
}

/** A path or address that may break after its slashes. */
export function PathText({ text }: { readonly text: string }) {
  return text.split('/').map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts of a path may repeat and never move
    <Fragment key={index}>
      {index === 0 ? null : (
        <>
          /<wbr />
        </>
      )}
      {part}
    </Fragment>
  ));
}
