import { z } from 'zod';
import { formatJson, parseJson } from '../object/json/json.ts';

const Cursor = z.tuple([z.literal(1), z.string().max(253), z.string().max(253), z.int().nonnegative()]);

/** Where a page of a list begins, and the resourceVersion of the list's first page, which all of its pages have. */
export type PageCursor = {
  readonly name: string;
  readonly namespace: string;
  readonly resourceVersion: number;
};

/** Longest token: two names and a number. */
const longest = 1024;

/** A cursor as a text that means nothing to its bearer; rights are asked for with every page, whatever it says. */
export function writeCursor({ name, namespace, resourceVersion }: PageCursor): string {
  return Buffer.from(formatJson([1, name, namespace, resourceVersion]), 'utf8').toString('base64url');
}

/** The cursor that a text stands for; undefined where it is none that `writeCursor` has made. */
export function readCursor(text: string): PageCursor | undefined {
  if (text.length > longest) return undefined;
  try {
    const [, name, namespace, resourceVersion] = Cursor.parse(
      parseJson(Buffer.from(text, 'base64url').toString('utf8')),
    );
    const cursor = { name, namespace, resourceVersion };
    return writeCursor(cursor) === text ? cursor : undefined;
  } catch {
    // Safe: the caller is told that this is no cursor.
    return undefined;
  }
}
