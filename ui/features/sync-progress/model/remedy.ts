/** A failure in two parts: what happened, and what to do about it. */
export type Advice = { readonly what: string; readonly remedy?: string };

/** What health tells without a remedy, for Kubernetes words it; what an API server refuses has one already. */
const remedies: readonly (readonly [RegExp, string])[] = [
  [/specified backoff limit/i, "look at the logs of the Job's pods, fix the cause, and sync again"],
  [/Back-off pulling image|ErrImagePull/i, "check the image's name and the pull secret"],
];

/** That of a field that can't be changed tells two ways and what is lost on one of them. */
const longestRemedy = 600;

/** Splits off the remedy that a message carries after its last semicolon, else finds a known one. */
export function adviceFor(message: string): Advice {
  const known = remedies.find(([pattern]) => pattern.test(message));
  const mark = message.lastIndexOf('; ');
  const tail = mark === -1 ? '' : message.slice(mark + 2).trim();
  // A remedy is an order, which says what it costs too; a longer or quoted tail belongs to the cause.
  if (/^[a-z][a-z' ]{2,}[, ]/.test(tail) && tail.length <= longestRemedy) {
    return { what: message.slice(0, mark), remedy: tail };
  }
  return known === undefined ? { what: message } : { what: message, remedy: known[1] };
}
