import type { Document, Node } from 'yaml';
import { isAlias, isMap, isScalar, isSeq, Scalar, visit } from 'yaml';
import { KeelsonError } from '../errors.ts';
import { resolvePlainScalar } from './yaml-scalar.ts';

/**
 * Characters and nodes that the aliases of one document may add. Above the 1.5 MB that etcd stores per object, and
 * small enough that a chain of aliases is refused within a fraction of a second.
 */
const maxExpandedSize = 2_000_000;

/** What a node weighs beside its text: about as much as its key and punctuation do in JSON. */
const nodeWeight = 8;

/** Nesting beyond this is refused; Kubernetes' own JSON decoder stops at 10000 levels, objects use some 30. */
const maxDepth = 500;

/** A document's content as JSON, read the way kubectl reads it; throws `manifest-invalid` for what has no JSON form. */
export function valueOfYaml(document: Document.Parsed): unknown {
  const targets = resolveAliases(document);
  return convert(document.contents, { targets, active: new Set(), aliases: 0, size: 0, depth: 0 });
}

/** The node an error speaks of, so that the caller can name its line. */
export class YamlValueError extends KeelsonError {
  readonly offset: number | undefined;

  constructor(message: string, node: Node | null | undefined) {
    super('manifest-invalid', message);
    this.name = 'YamlValueError';
    this.offset = node?.range?.[0];
  }
}

type Context = {
  readonly targets: ReadonlyMap<Node, Node>;
  /** Nodes being expanded, to refuse an anchor that contains itself. */
  readonly active: Set<Node>;
  /** Aliases around the node being read; only what they repeat counts towards the size. */
  aliases: number;
  size: number;
  depth: number;
};

/** Each alias with the node it stands for: the last one of that name before it. */
function resolveAliases(document: Document.Parsed): Map<Node, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Node, Node>();
  visit(document, {
    Node(_key, node) {
      if (!isAlias(node)) {
        if (node.anchor) anchors.set(node.anchor, node);
        return;
      }
      const target = anchors.get(node.source);
      if (target === undefined)
        throw new YamlValueError(`alias *${node.source} has no anchor before it`, node);
      targets.set(node, target);
    },
  });
  return targets;
}

function convert(node: Node | null | undefined, context: Context): unknown {
  if (node === null || node === undefined) return null;
  grow(node, nodeWeight + (isScalar(node) ? String(node.source ?? '').length : 0), context);
  if (isScalar(node)) return convertScalar(node);
  if (context.active.has(node)) throw new YamlValueError('an anchor contains itself; remove the alias', node);
  if (context.depth >= maxDepth) throw new YamlValueError('is nested too deeply; flatten it', node);
  context.active.add(node);
  context.depth++;
  const value = convertCollection(node, context);
  context.depth--;
  context.active.delete(node);
  return value;
}

function convertCollection(node: Node, context: Context): unknown {
  if (isAlias(node)) return expand(context.targets.get(node), context);
  if (isSeq(node)) return node.items.map((child) => convert(asNode(child), context));
  const result: Record<string, unknown> = {};
  if (isMap(node)) fillMap(node, result, context);
  return result;
}

function expand(node: Node | undefined, context: Context): unknown {
  context.aliases++;
  const value = convert(node, context);
  context.aliases--;
  return value;
}

function fillMap(node: Node, result: Record<string, unknown>, context: Context): void {
  if (!isMap(node)) throw new YamlValueError('<< needs a map or a list of maps', node);
  for (const pair of node.items) {
    const key = asNode(pair.key);
    const value = asNode(pair.value);
    if (isMergeKey(key)) {
      mergeInto(value, result, context);
      continue;
    }
    const name = keyText(convert(key, context), key);
    // A plain assignment to this name would set the prototype instead of a field.
    if (name === '__proto__') throw new YamlValueError('field "__proto__" is not allowed; rename it', key);
    result[name] = convert(value, context);
  }
}

function isMergeKey(key: Node | undefined): boolean {
  return isScalar(key) && key.type === Scalar.PLAIN && key.source === '<<';
}

/** `<<` overwrites fields written before it and is overwritten by later ones: kubectl's order, not YAML's. */
function mergeInto(value: Node | undefined, result: Record<string, unknown>, context: Context): void {
  const target = isAlias(value) ? context.targets.get(value) : value;
  const maps = isSeq(target) ? target.items.map(asNode).reverse() : [target];
  for (const map of maps) {
    const source = isAlias(map) ? context.targets.get(map) : map;
    if (!isMap(source)) throw new YamlValueError('<< needs a map or a list of maps', value);
    if (context.active.has(source)) throw new YamlValueError('an anchor contains itself; remove it', value);
    const repeated = isAlias(value) || isAlias(map);
    Object.assign(result, repeated ? expand(source, context) : convert(source, context));
  }
}

function asNode(value: unknown): Node | undefined {
  return isScalar(value) || isAlias(value) || isMap(value) || isSeq(value) ? value : undefined;
}

function grow(node: Node, size: number, context: Context): void {
  if (context.aliases === 0) return;
  context.size += size;
  if (context.size <= maxExpandedSize) return;
  throw new YamlValueError('grows too large when its aliases are expanded; use fewer aliases', node);
}

const explicitTypes: Readonly<Record<string, string>> = {
  'tag:yaml.org,2002:bool': 'boolean',
  'tag:yaml.org,2002:int': 'number',
  'tag:yaml.org,2002:float': 'number',
  'tag:yaml.org,2002:null': 'object',
};

function convertScalar(node: Scalar): unknown {
  const text = String(node.value ?? '');
  const tag = node.tag;
  const explicit = tag === undefined ? undefined : explicitTypes[tag];
  if (explicit === undefined && (tag !== undefined || node.type !== Scalar.PLAIN)) return text;
  const value = resolvePlainScalar(text);
  if (explicit !== undefined && typeof value !== explicit) {
    throw new YamlValueError(`a value does not fit its tag ${tag}; remove the tag or change the value`, node);
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new YamlValueError(`${text} has no form in JSON; use a finite number or put it in quotes`, node);
  }
  return value;
}

function keyText(key: unknown, node: Node | undefined): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'number' || typeof key === 'boolean') return String(key);
  throw new YamlValueError('a map key must be a text; put it in quotes', node);
}
