/**
 * What somebody should know of an object that sets this installation. `Unreadable`, `Deleted` and `Held` say that what it
 * said before is in force instead of what it says now, until somebody accepts the latter.
 */
export const noticeTypes = ['Unreadable', 'Deleted', 'Held', 'Unlabelled', 'Shadowed'] as const;
export type NoticeType = (typeof noticeTypes)[number];

/** One thing to know about an object, without any value of a Secret. */
export type Notice = { readonly type: NoticeType; readonly message: string };

const waiting: ReadonlySet<NoticeType> = new Set(['Unreadable', 'Deleted', 'Held']);

/** Whether something of an object waits to be accepted. */
export function waitsForAccept(notices: readonly Notice[]): boolean {
  return notices.some(({ type }) => waiting.has(type));
}

/** The notice that an unlabelled object gets, which counts here all the same. */
export const unlabelled: Notice = {
  type: 'Unlabelled',
  message:
    'has no label app.kubernetes.io/part-of: argocd; it counts here, and the reference would pass it over',
};
