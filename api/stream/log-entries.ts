import { formatJson } from '../../core/object/json/json.ts';
import type { LogEntry } from '../../core/wire/diff.ts';

/**
 * Turns lines that start with their time into entries, each as the JSON of one message. A filter keeps the lines
 * that contain it; with `!` in front, those that don't.
 */
export async function* logEntries(
  lines: AsyncIterable<string>,
  options: { readonly podName: string; readonly filter: string },
): AsyncGenerator<string> {
  const { podName } = options;
  const inverted = options.filter.startsWith('!');
  const filter = inverted ? options.filter.slice(1) : options.filter;
  for await (const line of lines) {
    const entry = parseLine(line, podName);
    if (filter !== '' && entry.content.includes(filter) === inverted) continue;
    yield formatJson({ result: entry });
  }
  const end: LogEntry = { content: '', timeStampStr: '', podName, last: true };
  yield formatJson({ result: end });
}

function parseLine(line: string, podName: string): LogEntry {
  const stamp = /^\d{4}-\d\d-\d\dT\S+/.exec(line)?.[0] ?? '';
  const content = stamp === '' ? line : line.slice(stamp.length).replace(/^ /, '');
  return {
    content,
    ...(stamp === '' ? {} : { timeStamp: stamp }),
    timeStampStr: stamp,
    podName,
    last: false,
  };
}
