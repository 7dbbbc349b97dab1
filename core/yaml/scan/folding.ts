import { breakText, isBlank, isBreak } from './characters.ts';
import type { Cursor } from './cursor.ts';

/** The breaks between two lines of a text: the first one, and those of empty lines. */
export type Gap = { first: string; more: string };

/** Moves over blanks and breaks; undefined when no break is among them. `Gap.first` is empty where it was escaped. */
export function skipGap(cursor: Cursor, afterEscape: boolean, checkBlank?: () => void): Gap | undefined {
  let gap: Gap | undefined = afterEscape ? { first: '', more: '' } : undefined;
  for (;;) {
    const character = cursor.peek();
    if (isBlank(character)) {
      if (gap !== undefined) checkBlank?.();
      cursor.at++;
    } else if (isBreak(character)) {
      if (gap === undefined) gap = { first: breakText(character), more: '' };
      else gap.more += breakText(character);
      cursor.skipBreak();
    } else {
      return gap;
    }
  }
}

/** What stands for the breaks between two lines of a text. */
export function foldGap({ first, more }: Gap): string {
  if (first !== '\n') return first + more;
  return more === '' ? ' ' : more;
}
