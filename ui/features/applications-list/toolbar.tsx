import { type KeyboardEvent, useEffect, useRef } from 'react';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { changeQuery } from '../../router.tsx';

export type ListView = 'tiles' | 'table';

type ToolbarProps = { readonly search: string; readonly view: ListView; readonly onCreate: () => void };

/** Search, view switch and the button for a new application. */
export function Toolbar({ search, view, onCreate }: ToolbarProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => focusOnSlash(input), []);
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Escape') input.current?.blur();
  };
  return (
    <div className="toolbar">
      <div className="search">
        <Icon name="search" />
        <input
          ref={input}
          type="search"
          aria-label="Search applications by name or namespace"
          placeholder="Search by name or namespace"
          value={search}
          onChange={(event) => changeQuery({ search: event.target.value }, { replace: true })}
          onKeyDown={onKey}
        />
        <kbd aria-hidden="true">/</kbd>
      </div>
      <fieldset className="switch" aria-label="View">
        <button type="button" aria-pressed={view === 'tiles'} onClick={() => changeQuery({ view: undefined })}>
          <Icon name="tiles" /> <span>Tiles</span>
        </button>
        <button type="button" aria-pressed={view === 'table'} onClick={() => changeQuery({ view: 'table' })}>
          <Icon name="rows" /> <span>Table</span>
        </button>
      </fieldset>
      <Button look="main" icon="plus" onClick={onCreate}>
        New app
      </Button>
    </div>
  );
}

function focusOnSlash(input: { readonly current: HTMLInputElement | null }): () => void {
  const onKey = (event: globalThis.KeyboardEvent) => {
    const target = event.target;
    const typing = target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');
    if (event.key !== '/' || typing || document.querySelector('dialog[open]') !== null) return;
    event.preventDefault();
    input.current?.focus();
  };
  window.addEventListener('keydown', onKey);
  return () => window.removeEventListener('keydown', onKey);
}
