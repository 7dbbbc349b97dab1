import type { ActionOffer, ActionParameter, ActionValues } from '../../../core/action/action.ts';

type Named = Pick<ActionOffer, 'name' | 'displayName'>;

/** What an action is called on its button: its display name, else its name as a sentence would start. */
export function labelOf({ name, displayName }: Named): string {
  if (displayName !== undefined && displayName.trim() !== '') return displayName;
  return wordsOf(name);
}

/** `new-replicas` as `New replicas`. */
export function wordsOf(name: string): string {
  const words = name.replaceAll(/[-_]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What the form of an action starts with. */
export function startValues(parameters: readonly ActionParameter[]): ActionValues {
  return Object.fromEntries(parameters.map((one) => [one.name, one.default ?? '']));
}

/** What is wrong with the values, by parameter; whether they make sense for the object only the server can say. */
export function problemsOf(parameters: readonly ActionParameter[], values: ActionValues): ActionValues {
  const problems: Record<string, string> = {};
  for (const parameter of parameters) {
    const value = (values[parameter.name] ?? '').trim();
    if (isNumber(parameter) && (value === '' || !Number.isFinite(Number(value)))) {
      problems[parameter.name] = 'give a number';
    }
  }
  return problems;
}

export function isNumber({ type }: ActionParameter): boolean {
  return type === 'number';
}

/** The values as the API takes them, each as the form shows it. */
export function sentValues(
  parameters: readonly ActionParameter[],
  values: ActionValues,
): readonly { readonly name: string; readonly value: string }[] {
  return parameters.map(({ name }) => ({ name, value: values[name] ?? '' }));
}
