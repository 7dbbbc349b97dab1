import type { Application } from '../../../core/application/spec/spec.ts';
import { Icon } from '../../components/icon.tsx';
import { changeQuery } from '../../router.tsx';
import { useWide } from '../../state/use-wide.ts';
import { clearFilters } from './clear-filters.ts';
import {
  type Choice,
  choicesOf,
  type FilterField,
  filterParameters,
  isNarrowed,
  type ListFilter,
  toggled,
} from './filter.ts';

type FilterBarProps = { readonly applications: readonly Application[]; readonly filter: ListFilter };

/** Filters with the number of applications that each choice would show. */
export function FilterBar({ applications, filter }: FilterBarProps) {
  const wide = useWide();
  const groups = (
    <>
      <FilterGroup title="Sync status" field="sync" applications={applications} filter={filter} />
      <FilterGroup title="Health" field="health" applications={applications} filter={filter} />
      <FilterGroup title="Project" field="projects" applications={applications} filter={filter} />
      {isNarrowed(filter) ? (
        <button type="button" className="filters-clear" onClick={clearFilters}>
          Clear filters
        </button>
      ) : null}
    </>
  );
  return (
    <aside className="filters" aria-label="Filters">
      {wide ? (
        groups
      ) : (
        <details>
          <summary>
            <Icon name="filter" /> Filters
          </summary>
          {groups}
        </details>
      )}
    </aside>
  );
}

type FilterGroupProps = FilterBarProps & { readonly title: string; readonly field: FilterField };

function FilterGroup({ title, field, applications, filter }: FilterGroupProps) {
  const choices = choicesOf(field, applications, filter).filter((choice) =>
    isWorthShowing(choice, filter[field]),
  );
  if (choices.length === 0) return null;
  return (
    <fieldset className="filter-group">
      <legend>{title}</legend>
      {choices.map(({ value, count }) => (
        <label key={value} className="filter-choice">
          <input
            type="checkbox"
            checked={filter[field].has(value)}
            onChange={() => changeQuery({ [filterParameters[field]]: toggled(filter[field], value) })}
          />
          <span className={`filter-dot status-${value}`} />
          <span className="filter-name">{value}</span>
          <span className="filter-count">{count}</span>
        </label>
      ))}
    </fieldset>
  );
}

function isWorthShowing(choice: Choice, selected: ReadonlySet<string>): boolean {
  return choice.count > 0 || selected.has(choice.value);
}
