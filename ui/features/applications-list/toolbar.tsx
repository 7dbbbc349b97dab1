import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { SearchBox } from '../../components/search-box.tsx';
import { changeQuery } from '../../router.tsx';

export type ListView = 'tiles' | 'table';

type ToolbarProps = { readonly search: string; readonly view: ListView; readonly onCreate: () => void };

/** Search, view switch and the button for a new application. */
export function Toolbar({ search, view, onCreate }: ToolbarProps) {
  return (
    <div className="toolbar">
      <SearchBox
        label="Search by name or namespace"
        value={search}
        onChange={(text) => changeQuery({ search: text }, { replace: true })}
      />
      <fieldset className="switch" aria-label="View">
        <button
          type="button"
          aria-pressed={view === 'tiles'}
          onClick={() => changeQuery({ view: undefined })}
        >
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
