/** Splits chunks of UTF-8 into lines as they come; a last line without an end counts too. */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
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
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
