import { useState } from 'react';
import { IconButton } from './button.tsx';

/** A command or text to copy. */
export function CodeSample({ text, label }: { readonly text: string; readonly label: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <figure className="sample">
      <figcaption>{label}</figcaption>
      <pre>
        <code>{text}</code>
      </pre>
      <IconButton
        icon={copied ? 'check' : 'copy'}
        label={copied ? 'Copied' : 'Copy'}
        onClick={() => void copy()}
      />
    </figure>
  );
}
