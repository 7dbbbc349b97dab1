import { analyse } from 'scslre';
import { parsePattern, sampleOf, type Way } from './pattern-samples.ts';

/** Why a regular expression may take more than linear time; undefined when nothing speaks for it. */
export function patternFault(source: string, flags: string): string | undefined {
  const { reports } = analyse({ source, flags: flags.replace('y', '') }, { maxReports: 1 });
  const [report] = reports.filter(({ type }) => !(flags.includes('y') && type === 'Move'));
  if (report !== undefined) return faults[report.type];
  const { ways, isSearched } = parsePattern(source, flags);
  return isSearched && ways.some((way) => beginsAgain(way, flags)) ? faults.Move : undefined;
}

const faults = {
  Trade: 'two repetitions side by side take the same characters',
  Self: 'a repetition in a repetition takes the same characters',
  Move: 'it is searched for and repeats what it may begin in, so that each beginning reads on to the end',
} as const;

/** Whether a repetition without an end may read over the words before it, which begin the match anew there. */
function beginsAgain(way: Way, flags: string): boolean {
  const [first] = way;
  const atStart = first?.type === 'Assertion' && first.kind === 'start';
  if (atStart && !flags.includes('m')) return false;
  return way.some((element, at) => {
    if (element.type !== 'Quantifier' || element.max !== Number.POSITIVE_INFINITY || at === 0) return false;
    if (at === way.length - 1) return false;
    const before = sampleOf(way.slice(0, at), flags, () => 0.5);
    const taken = new RegExp(`^(?:${element.element.raw})+$`, flags.replace(/[gmy]/g, ''));
    return before !== '' && taken.test(atStart ? `\n${before}` : before);
  });
}
