import { changeQuery } from '../../router.tsx';
import { filterParameters } from './filter.ts';

/** Takes every filter and the search out of the address. */
export function clearFilters(): void {
  const names = ['search', ...Object.values(filterParameters)];
  changeQuery(Object.fromEntries(names.map((name) => [name, undefined])));
}
