/** What happens to a line that has no end for too long. */
export type LineLimit = {
  /** Most characters that are held of one line. */
  readonly most: number;
  /** Passed on in pieces, or what is thrown. */
  readonly beyond: 'cut' | (() => Error);
};

/** Splits chunks of UTF-8 into lines as they come; a last line without an end counts too. */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  { most, beyond }: LineLimit,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    let from = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      yield rest + text.slice(from, end);
      rest = '';
      from = end + 1;
    }
    rest += text.slice(from);
    if (rest.length <= most) continue;
    if (beyond !== 'cut') throw beyond();
    yield rest;
    rest = '';
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
