/** Takes the complete server-sent frames off a text; what follows the last blank line is kept for the next read. */
export function takeFrames(text: string): { readonly messages: readonly string[]; readonly rest: string } {
  const blocks = text.replaceAll('\r\n', '\n').split('\n\n');
  const rest = blocks.pop() ?? '';
  return { messages: blocks.flatMap(messageOfBlock), rest };
}

function messageOfBlock(block: string): string[] {
  const lines = block.split('\n').filter((line) => line.startsWith('data:'));
  if (lines.length === 0) return [];
  return [lines.map((line) => line.slice('data:'.length).trim()).join('\n')];
}
