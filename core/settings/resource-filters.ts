import { z } from 'zod';
import { isGlob } from '../text/glob.ts';
import type { ResourceFilter } from './settings.ts';
import type { Report } from './words/problem.ts';
import { listOf, readYamlAs } from './words/read-value.ts';

const texts = listOf(z.string());

const Filters = listOf(z.strictObject({ apiGroups: texts, kinds: texts, clusters: texts }));

/** The list of `resource.exclusions` or `resource.inclusions`; undefined, with reports, when it can't be used. */
export function readResourceFilters(text: string, report: Report): readonly ResourceFilter[] | undefined {
  const filters = readYamlAs(Filters, text, report);
  if (filters === undefined) return undefined;
  const problems = filters.flatMap((filter, position) => problemsOf(filter, `[${position}]`));
  for (const { message, place } of problems) report(message, place);
  return problems.length === 0 ? filters : undefined;
}

type Found = { readonly message: string; readonly place: string };

function problemsOf({ apiGroups, kinds, clusters }: ResourceFilter, place: string): Found[] {
  // An entry without any condition matches every object of every cluster, which nobody means.
  if (apiGroups.length + kinds.length + clusters.length === 0) {
    return [{ place, message: 'names no apiGroups, kinds or clusters; name some or remove the entry' }];
  }
  return [
    ...badGlobs(apiGroups, `${place}.apiGroups`),
    ...badGlobs(clusters, `${place}.clusters`),
    ...kinds.flatMap((kind, at) =>
      kind === '*' || !/[*?[\]{}]/.test(kind)
        ? []
        : [
            {
              place: `${place}.kinds[${at}]`,
              message: `is "${kind}", and a kind is either exact or *; name each kind`,
            },
          ],
    ),
  ];
}

function badGlobs(globs: readonly string[], place: string): Found[] {
  return globs.flatMap((glob, at) =>
    isGlob(glob) ? [] : [{ place: `${place}[${at}]`, message: `is not a valid glob: "${glob}"; correct it` }],
  );
}
