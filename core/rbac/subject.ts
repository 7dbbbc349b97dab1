import { ownField } from '../own-field.ts';

/** Somebody who asks: a user or a project's role by name, with the groups that the token names. */
export type Subject = { readonly name: string; readonly groups: readonly string[] };

/** The claims whose values are groups where nothing else is set. */
export const defaultScopes: readonly string[] = ['groups'];

/** Who the claims of a token speak of; the scopes are the claims whose values are groups. */
export function subjectOf(claims: Readonly<Record<string, unknown>>, scopes: readonly string[]): Subject {
  const federated = claims['federated_claims'];
  const userId =
    typeof federated === 'object' && federated !== null && 'user_id' in federated
      ? federated.user_id
      : undefined;
  const sub = claims['sub'];
  const name = typeof userId === 'string' && userId !== '' ? userId : sub;
  return {
    name: typeof name === 'string' ? name : '',
    groups: scopes.flatMap((scope) => textsOf(ownField(claims, scope))),
  };
}

function textsOf(value: unknown): string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((one) => typeof one === 'string').filter((one) => one !== '');
}
