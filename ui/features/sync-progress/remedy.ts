/** A failure in two parts: what happened, and what to do about it. */
export type Advice = { readonly what: string; readonly remedy?: string };

/** Failures that Kubernetes words without a remedy. The first match counts. */
const remedies: readonly (readonly [RegExp, string])[] = [
  [
    /field is immutable/i,
    'revert the change, or sync this object with Force, which deletes it with all that it holds and creates it anew',
  ],
  [
    /no matches for kind|could not find the requested resource/i,
    'install the CRD that defines this kind first',
  ],
  [/namespaces? "[^"]+" not found/i, 'turn on Auto-Create Namespace, or create the namespace'],
  [/exceeded quota/i, 'raise the quota of the namespace, or ask for less'],
  [/is forbidden|forbidden:/i, "grant this right to the account that the cluster's credentials belong to"],
  [/admission webhook "[^"]+" denied/i, "change the object as the webhook's message asks"],
  [/connection refused|no such host|i\/o timeout/i, "check the cluster's address and that it can be reached"],
  [
    /BackoffLimitExceeded|backoff limit/i,
    "look at the logs of the Job's pods, fix the cause, and sync again",
  ],
  [/ImagePullBackOff|ErrImagePull/i, "check the image's name and the pull secret"],
  [/field validation|unknown field/i, 'correct the field in Git; its name or place is wrong'],
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
