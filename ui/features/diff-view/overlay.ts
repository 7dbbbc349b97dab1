type Fields = Readonly<Record<string, unknown>>;

/**
 * The live object with everything that the desired one says laid over it. Stands in for the API server's answer
 * where there is none: fields that the cluster filled in by itself then don't look like differences.
 */
export function overlay(live: unknown, desired: unknown): unknown {
  if (Array.isArray(live) && Array.isArray(desired)) return overlayList(live, desired);
  if (!isFields(live) || !isFields(desired)) return desired;
  const result: Record<string, unknown> = { ...live };
  for (const [name, value] of Object.entries(desired)) {
    // A selector is replaced as a whole: labels that are gone from it are gone.
    result[name] =
      name === 'matchLabels' || name === 'selector'
        ? overlayWhole(live[name], value)
        : overlay(live[name], value);
  }
  return result;
}

function overlayWhole(live: unknown, desired: unknown): unknown {
  if (!isFields(live) || !isFields(desired) || !('matchLabels' in desired)) return desired;
  return { ...live, ...desired };
}

/** Elements are paired by name where they have one, else by position when both lists are equally long. */
function overlayList(live: readonly unknown[], desired: readonly unknown[]): unknown {
  if (desired.every((element) => nameOf(element) !== undefined)) {
    const byName = new Map(live.map((element) => [nameOf(element), element]));
    return desired.map((element) => overlay(byName.get(nameOf(element)), element));
  }
  if (live.length !== desired.length) return desired;
  return desired.map((element, index) => overlay(live[index], element));
}

function nameOf(element: unknown): string | undefined {
  const name = isFields(element) ? element['name'] : undefined;
  return typeof name === 'string' ? name : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
