import { useEffect, useRef } from 'react';
import { Icon } from './icon.tsx';

type SearchBoxProps = {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
};

/** The page's search: `/` goes to it, Esc leaves it. */
export function SearchBox({ label, value, onChange }: SearchBoxProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '/' || isTaken(event.target)) return;
      event.preventDefault();
      input.current?.focus();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  return (
    <div className="search">
      <Icon name="search" />
      <input
        ref={input}
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') input.current?.blur();
        }}
      />
      <kbd>/</kbd>
    </div>
  );
}

/** Whether the key belongs to something else: a field being typed in, or an open panel. */
function isTaken(target: EventTarget | null): boolean {
  const typing =
    target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');
  return typing || document.querySelector('dialog[open]') !== null;
}
