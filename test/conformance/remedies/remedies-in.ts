import { textsOf } from './texts.ts';

/** Words with which an order begins, and so a remedy. */
const orders: ReadonlySet<string> = new Set(
  (
    'add align allow annotate apply ask change check choose close commit compare complete configure confirm copy ' +
    'correct create delete did edit encode enter export finish flatten free generate get give grant indent install ' +
    'keep leave let list log look make mount move name open pack pass please publish push put raise read refer refresh ' +
    'register remove rename renew repair replace resolve resume return revert run say see send separate serve set ' +
    'shorten sign split start stop store sync take terminate try turn unset use wait write'
  ).split(' '),
);

/** Words that begin what follows a semicolon and is no order. */
const otherStarts: ReadonlySet<string> = new Set(
  (
    'a an and asks below branches difference docs else ending exit finished helm it its keelson kubectl listen lists local lock ' +
    'nothing objects one only positions somebody sources that the there this those to what where with'
  ).split(' '),
);

/** Texts that begin like an order and are none: names of things, statements, and what a switch does. */
const statements: readonly RegExp[] = [
  /^list of tags$/,
  /^name "\{\}"$/,
  /^name '\{\}' is reserved /,
  /^name (of|under) /,
  /^change (listener|log) /,
  /^(get|sync|set|unset) [^ ]+$/,
  /^sync (of|could|option such|again when) /,
  /^(let automated|wait before the|delete the objects together)/,
  /^(set (plan_cache_mode|statement_timeout|lock_timeout)|unset NODE|create (table|database|namespace$|namespace when)|resolve revision$)/,
];

/** A text that tells its reader what to do. */
export type Remedy = {
  /** The whole text; {} stands for values. */
  readonly text: string;
  /** The part from the order on. */
  readonly order: string;
};

/** Where one sentence part ends and an order may begin. */
const seams = /; (?:so |else )?|, so |, (?=(?:check the|leave --|look|push|run|use) )/;

/** The remedies that a source file gives, and starts of parts after a semicolon that nobody has judged yet. */
export function remediesIn(path: string): { remedies: Remedy[]; unjudged: string[] } {
  const remedies: Remedy[] = [];
  const unjudged: string[] = [];
  for (const text of textsOf(path)) {
    if (!/[a-z] /.test(text)) continue;
    const order = orderIn(text);
    if (order !== undefined) remedies.push({ text, order });
    for (const part of text.split(/; /).slice(1)) {
      const start = startOf(part.replace(/^so /, ''));
      if (start !== '' && !orders.has(start) && !otherStarts.has(start)) unjudged.push(`${start}: ${text}`);
    }
  }
  return { remedies, unjudged };
}

/** The first part that is an order, with all that follows; what comes first is mostly the subject. */
function orderIn(text: string): string | undefined {
  const seam = new RegExp(seams, 'g');
  for (let found = seam.exec(text); found !== null; found = seam.exec(text)) {
    const rest = text.slice(seam.lastIndex);
    if (orders.has(startOf(rest))) return rest;
  }
  return orders.has(startOf(text)) && !statements.some((one) => one.test(text)) ? text : undefined;
}

function startOf(part: string): string {
  return /^[a-z]+(?=[ '.,]|$)/.exec(part)?.[0] ?? '';
}
