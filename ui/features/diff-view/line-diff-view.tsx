import { useMemo } from 'react';
import { diffLines, foldEqual } from './line-diff.ts';

type LineDiffProps = { readonly before: string; readonly after: string; readonly context: number };

const signs = { same: ' ', added: '+', removed: '-' } as const;

/** Two texts as one, with what goes and what comes. */
export function LineDiff({ before, after, context }: LineDiffProps) {
  const hunks = useMemo(() => {
    const lines = diffLines(before, after);
    return context === Number.POSITIVE_INFINITY
      ? [{ type: 'lines' as const, lines }]
      : foldEqual(lines, context);
  }, [before, after, context]);
  if (before === after && context !== Number.POSITIVE_INFINITY) {
    return <p className="diff-same faint">Live and desired state agree.</p>;
  }
  return (
    <div className="diff-scroll">
      <table className="diff-lines" aria-label="Differences, live to desired">
        <tbody>
          {hunks.map((hunk, index) =>
            hunk.type === 'fold' ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: hunks have no identity of their own
              <tr key={index} className="diff-fold">
                <td colSpan={4}>{hunk.count} equal lines</td>
              </tr>
            ) : (
              hunk.lines.map((line) => (
                <tr key={`${line.before ?? ''}:${line.after ?? ''}`} className={`diff-${line.change}`}>
                  <td className="diff-number">{line.before}</td>
                  <td className="diff-number">{line.after}</td>
                  <td className="diff-sign">{signs[line.change]}</td>
                  <td className="diff-text">{line.text}</td>
                </tr>
              ))
            ),
          )}
        </tbody>
      </table>
    </div>
  );
}
