/** The bytes of a body as they come; throws the refusal once there are more than allowed, which ends its stream. */
export async function* boundedBytes(
  body: AsyncIterable<Buffer>,
  maxBytes: number,
  refusal: () => Error,
): AsyncGenerator<Buffer> {
  let total = 0;
  for await (const chunk of body) {
    total += chunk.length;
    // Leaving the loop destroys the stream, and with it the request that it answers.
    if (total > maxBytes) throw refusal();
    yield chunk;
  }
}

/** The same as a whole. */
export async function readBounded(
  body: AsyncIterable<Buffer>,
  maxBytes: number,
  refusal: () => Error,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of boundedBytes(body, maxBytes, refusal)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
