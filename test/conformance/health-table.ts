import type { KindRule } from '../../core/health/kind-rule.ts';

/** Rows of the tables of rules in docs/operate/health.md: kinds that are judged, and kinds that are left out. */
export function crdRows(rules: readonly KindRule[]): { judged: string[]; none: string[] } {
  const row = ({ group, kinds }: KindRule): string => `| \`${group}\` | ${kinds.map(escaped).join(', ')} |`;
  return {
    judged: rules
      .filter(({ checks }) => checks.length > 0)
      .map((rule) => `${row(rule)} ${foundations(rule)} |`)
      .toSorted(),
    none: rules
      .filter(({ checks }) => checks.length === 0)
      .map(row)
      .toSorted(),
  };
}

function foundations({ restsOn, earlier }: KindRule): string {
  return earlier === undefined ? restsOn : `${restsOn}; before ${earlier.before} ${earlier.restsOn}`;
}

function escaped(kind: string): string {
  return kind.replaceAll('*', '\\*');
}
