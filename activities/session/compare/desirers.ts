import { keyId, type ResourceKey } from '../../../core/object/key.ts';

/** An application that desires an object. */
export type Desirer = {
  readonly id: string;
  readonly instance: string;
  /** Whether the health of its child applications counts for it. */
  readonly restoresHealth?: boolean;
};

/** Which applications of a cluster desire which objects, as far as they have been compared. */
export type Desirers = {
  /** Notes what an application desires; `version` stands for the keys, so that the same is noted once. */
  note(desirer: Desirer, version: string, keys: readonly ResourceKey[]): void;
  /** Forgets an application. */
  drop(id: string): void;
  of(key: ResourceKey): readonly Desirer[];
  /** Tells of applications that share an object with one that was noted or dropped, or did before: it is news to them. */
  onShared(listener: (id: string) => void): void;
};

type Noted = { readonly desirer: Desirer; readonly version: string; readonly keys: ReadonlySet<string> };

export function createDesirers(): Desirers {
  const noted = new Map<string, Noted>();
  const byKey = new Map<string, ReadonlyMap<string, Desirer>>();

  const remove = (key: string, id: string): void => {
    const rest = new Map(byKey.get(key));
    rest.delete(id);
    if (rest.size === 0) byKey.delete(key);
    else byKey.set(key, rest);
  };
  const add = (key: string, desirer: Desirer): void => {
    byKey.set(key, new Map([...(byKey.get(key) ?? []), [desirer.id, desirer]]));
  };
  let tell = (_id: string): void => {};
  const tellOthers = (id: string, keys: readonly string[]): void => {
    const others = new Set(keys.flatMap((key) => [...(byKey.get(key)?.keys() ?? [])]));
    others.delete(id);
    for (const other of others) tell(other);
  };

  return {
    note(desirer, version, keys) {
      const before = noted.get(desirer.id);
      if (before?.version === version) return;
      const next = new Set(keys.filter(({ name }) => name !== '').map(keyId));
      const gone = [...(before?.keys ?? [])].filter((key) => !next.has(key));
      const come = [...next].filter((key) => before?.keys.has(key) !== true);
      noted.set(desirer.id, { desirer, version, keys: next });
      for (const key of gone) remove(key, desirer.id);
      for (const key of come) add(key, desirer);
      tellOthers(desirer.id, [...gone, ...come]);
    },
    drop(id) {
      const keys = [...(noted.get(id)?.keys ?? [])];
      noted.delete(id);
      for (const key of keys) remove(key, id);
      tellOthers(id, keys);
    },
    of: (key) => [...(byKey.get(keyId(key))?.values() ?? [])],
    onShared(listener) {
      tell = listener;
    },
  };
}
