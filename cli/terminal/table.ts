import { padText, plainText, textWidth } from './text.ts';

const gap = 2;

/** Rows under a header in aligned columns, two blanks apart; the last column is never padded. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, ...rows].map((row) => row.map(plainText));
  const widths = header.map((_, column) => Math.max(...lines.map((line) => textWidth(line[column] ?? ''))));
  return lines.map((line) => formatRow(line, widths)).join('');
}

function formatRow(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, column) => padText(cell, (widths[column] ?? 0) + gap));
  return `${padded.join('').trimEnd()}\n`;
}

const labelWidth = 20;

/** One `Label:   value` line of a summary. */
export function formatField(label: string, value: string): string {
  return `${padText(`${label}:`, labelWidth)}${plainText(value)}`.trimEnd().concat('\n');
}
