import { keyId, type ResourceKey } from '../../core/object/key.ts';
import { keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';

/** One change of the objects in memory. */
export type CacheChange = {
  readonly type: 'added' | 'updated' | 'deleted';
  /** The new state; the last known one for deletions. */
  readonly object: Manifest;
  readonly previous?: Manifest;
};

/** Objects by uid, key, owner and application; every write reports what it changed. */
export type CacheStore = {
  put(object: Manifest): CacheChange[];
  /** Makes the objects of one kind exactly these. */
  reset(kind: string, objects: readonly Manifest[]): CacheChange[];
  remove(object: Manifest): CacheChange[];
  get(key: ResourceKey): Manifest | undefined;
  getByUid(uid: string): Manifest | undefined;
  tracked(instance: string): Manifest[];
  instances(): string[];
  children(uid: string): Manifest[];
  descendants(uid: string): Manifest[];
  ofKind(kind: string): Manifest[];
  /** Objects of a namespace that no other object owns. */
  inNamespace(namespace: string): Manifest[];
  size(): number;
  count(kind: string): number;
};

/** Names a kind without its version, as the store's indexes do. */
export function kindName(group: string, kind: string): string {
  return `${group}/${kind}`;
}

/** An empty store; the function tells which application an object belongs to. */
export function createCacheStore(instanceOf: (object: Manifest) => string | undefined): CacheStore {
  const byUid = new Map<string, Manifest>();
  const uidByKey = new Map<string, string>();
  const byOwner = createIndex();
  const byInstance = createIndex();
  const byKind = createIndex();
  /** Made when it is first asked for: most installations never do. */
  let byNamespace: Index | undefined;

  function index(uid: string, object: Manifest): void {
    const key = keyOf(object);
    byUid.set(uid, object);
    uidByKey.set(keyId(key), uid);
    byKind.add(kindName(key.group, key.kind), uid);
    for (const owner of object.metadata.ownerReferences ?? []) byOwner.add(owner.uid, uid);
    const instance = instanceOf(object);
    if (instance !== undefined) byInstance.add(instance, uid);
    if (key.namespace !== '' && isUnowned(object)) byNamespace?.add(key.namespace, uid);
  }

  function unindex(uid: string, object: Manifest): void {
    const key = keyOf(object);
    byUid.delete(uid);
    uidByKey.delete(keyId(key));
    byKind.remove(kindName(key.group, key.kind), uid);
    for (const owner of object.metadata.ownerReferences ?? []) byOwner.remove(owner.uid, uid);
    const instance = instanceOf(object);
    if (instance !== undefined) byInstance.remove(instance, uid);
    if (key.namespace !== '' && isUnowned(object)) byNamespace?.remove(key.namespace, uid);
  }

  function drop(uid: string, last: Manifest | undefined): CacheChange[] {
    const previous = byUid.get(uid);
    if (previous === undefined) return [];
    unindex(uid, previous);
    return [{ type: 'deleted', object: last ?? previous, previous }];
  }

  function put(object: Manifest): CacheChange[] {
    const uid = uidOf(object);
    const previous = byUid.get(uid);
    if (previous !== undefined) {
      unindex(uid, previous);
      index(uid, object);
      return [{ type: 'updated', object, previous }];
    }
    // A successor of the same name shows that the deletion of the former one was missed.
    const former = uidByKey.get(keyId(keyOf(object)));
    const gone = former === undefined ? [] : drop(former, undefined);
    index(uid, object);
    return [...gone, { type: 'added', object }];
  }

  function reset(kind: string, objects: readonly Manifest[]): CacheChange[] {
    const present = new Set(objects.map(uidOf));
    const changes: CacheChange[] = [];
    for (const uid of byKind.of(kind)) if (!present.has(uid)) changes.push(...drop(uid, undefined));
    for (const object of objects) if (!isSame(byUid.get(uidOf(object)), object)) changes.push(...put(object));
    return changes;
  }

  const resolve = (uids: Iterable<string>): Manifest[] => [...uids].flatMap((uid) => byUid.get(uid) ?? []);

  return {
    put,
    reset,
    remove: (object) => drop(uidOf(object), object),
    get: (key) => byUid.get(uidByKey.get(keyId(key)) ?? ''),
    getByUid: (uid) => byUid.get(uid),
    tracked: (instance) => resolve(byInstance.of(instance)).filter(isUnowned),
    instances: () => byInstance.names(),
    children: (uid) => resolve(byOwner.of(uid)),
    descendants: (uid) => resolve(reachable(uid, byOwner)),
    ofKind: (kind) => resolve(byKind.of(kind)),
    inNamespace(namespace) {
      byNamespace ??= indexOfNamespaces(byUid);
      return resolve(byNamespace.of(namespace));
    },
    size: () => byUid.size,
    count: (kind) => byKind.size(kind),
  };
}

function isSame(known: Manifest | undefined, listed: Manifest): boolean {
  if (known === undefined || known.apiVersion !== listed.apiVersion) return false;
  return known.metadata.resourceVersion === listed.metadata.resourceVersion;
}

function isUnowned(object: Manifest): boolean {
  return (object.metadata.ownerReferences ?? []).length === 0;
}

function indexOfNamespaces(byUid: ReadonlyMap<string, Manifest>): Index {
  const made = createIndex();
  for (const [uid, object] of byUid) {
    const { namespace } = keyOf(object);
    if (namespace !== '' && isUnowned(object)) made.add(namespace, uid);
  }
  return made;
}

/** Everything below an object; the object itself only ends cycles. */
function reachable(uid: string, byOwner: Index): Set<string> {
  const found = new Set<string>();
  const open = [uid];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const child of byOwner.of(next)) {
      if (child === uid || found.has(child)) continue;
      found.add(child);
      open.push(child);
    }
  }
  return found;
}

/** Extension servers may leave the uid out; such objects are told apart by their key. */
function uidOf(object: Manifest): string {
  return object.metadata.uid ?? keyId(keyOf(object));
}

type Index = {
  add(name: string, uid: string): void;
  remove(name: string, uid: string): void;
  of(name: string): string[];
  names(): string[];
  size(name: string): number;
};

function createIndex(): Index {
  const sets = new Map<string, Set<string>>();
  return {
    add(name, uid) {
      const set = sets.get(name);
      if (set === undefined) sets.set(name, new Set([uid]));
      else set.add(uid);
    },
    remove(name, uid) {
      const set = sets.get(name);
      if (set?.delete(uid) && set.size === 0) sets.delete(name);
    },
    of: (name) => [...(sets.get(name) ?? [])],
    names: () => [...sets.keys()],
    size: (name) => sets.get(name)?.size ?? 0,
  };
}
