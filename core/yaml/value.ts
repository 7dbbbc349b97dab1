import { setField } from '../own-field.ts';
import { maxDepth, maxExpansion } from './file-kinds.ts';
import { keyText } from './key-text.ts';
import { Alias, Fields, List, type Node, Scalar } from './node.ts';
import { resolveScalar, type ScalarValue } from './scalar.ts';
import { UnreadableError } from './unreadable.ts';

/** What a node weighs beside its text: about as much as its key and punctuation do in JSON. */
const nodeWeight = 8;

/** The value of a document as JSON has it; throws an `UnreadableError` for what has no form in JSON. */
export function jsonValueOf(root: Node | undefined, text: string): unknown {
  return root === undefined ? null : new Converter(text).convert(root);
}

class Converter {
  readonly #text: string;
  /** Aliases being read, to refuse an anchor that contains itself. */
  readonly #aliases = new Set<Alias>();
  #budget: number;
  #depth = 0;
  /** Nodes that were read, the document among them, and how many of them by way of an alias. */
  #count = 1;
  #aliasedCount = 0;
  /** The last place that is known. */
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    // Without aliases, neither the texts nor the nodes of a document are more than its characters.
    this.#budget = text.length * (nodeWeight + 1) + maxExpansion;
  }

  convert(node: Node): unknown {
    this.#see(node);
    if (node instanceof Scalar) return this.#scalar(node);
    if (node instanceof Alias) return this.#aliased(node, () => this.convert(node.target));
    if (this.#depth >= maxDepth) throw this.#refusal('is nested too deeply; flatten it');
    this.#depth++;
    const value = node instanceof List ? node.items.map((item) => this.convert(item)) : this.#fill({}, node);
    this.#depth--;
    return value;
  }

  #see(node: Node): void {
    this.#count++;
    this.#spend(nodeWeight);
    if (node instanceof Scalar || node instanceof Alias) this.#at = node.at;
    if (this.#aliases.size === 0) return;
    this.#aliasedCount++;
    if (isMostlyAliases(this.#aliasedCount, this.#count)) throw this.#tooLarge();
  }

  #scalar(scalar: Scalar): ScalarValue {
    this.#spend(scalar.text.length);
    const value = resolveScalar(scalar);
    if (typeof value === 'string') return value;
    if (value === undefined)
      throw this.#refusal('a value does not fit its tag; remove the tag or change the value');
    if (typeof value !== 'number') return value;
    // JSON has one zero for all who read it.
    if (Number.isFinite(value)) return value === 0 ? 0 : value;
    throw this.#refusal(
      'a number that is infinite or none at all has no form in JSON; use a finite number or put it in quotes',
    );
  }

  /** Reads what an alias stands for. */
  #aliased<Value>(alias: Alias, read: () => Value): Value {
    if (this.#aliases.has(alias)) throw this.#refusal('an anchor contains itself; remove the alias');
    this.#aliases.add(alias);
    const value = read();
    this.#aliases.delete(alias);
    return value;
  }

  #fill(result: Record<string, unknown>, { keys, values }: Fields): Record<string, unknown> {
    for (const [at, key] of keys.entries()) {
      const value = values[at];
      if (value === undefined) continue;
      if (isMerge(key)) this.#merge(result, value);
      else this.#set(result, this.#key(key), value);
    }
    return result;
  }

  #key(node: Node): string {
    this.#see(node);
    if (node instanceof Alias) return this.#aliased(node, () => this.#key(node.target));
    const text = node instanceof Scalar ? keyText(node) : undefined;
    if (text === undefined) throw this.#refusal('a map key must be a text; put it in quotes');
    this.#spend(text.length);
    return text;
  }

  #set(result: Record<string, unknown>, name: string, value: Node): void {
    setField(result, name, this.convert(value));
  }

  /** `<<` overwrites fields written before it and is overwritten by later ones: kubectl's order, not YAML's. */
  #merge(result: Record<string, unknown>, value: Node): void {
    if (!(value instanceof List)) {
      this.#mergeOne(result, value);
      return;
    }
    this.#see(value);
    for (const item of value.items.toReversed()) this.#mergeOne(result, item);
  }

  #mergeOne(result: Record<string, unknown>, source: Node): void {
    this.#see(source);
    const fields = source instanceof Alias ? source.target : source;
    if (!(fields instanceof Fields)) throw this.#refusal('<< needs a map or a list of maps; give it one');
    if (source instanceof Alias) {
      this.#aliased(source, () => {
        this.#see(fields);
        this.#fill(result, fields);
      });
    } else {
      this.#fill(result, fields);
    }
  }

  #spend(weight: number): void {
    this.#budget -= weight;
    if (this.#budget < 0) throw this.#tooLarge();
  }

  #tooLarge(): UnreadableError {
    return this.#refusal('grows too large when its aliases are expanded; use fewer aliases');
  }

  #refusal(problem: string): UnreadableError {
    return UnreadableError.at(problem, this.#text, this.#at);
  }
}

function isMerge(key: Node): boolean {
  return key instanceof Scalar && key.text === '<<' && (key.isPlain || key.tag === 'tag:yaml.org,2002:merge');
}

const fewAliased = 100;
const fewNodes = 1000;
const [smallDocument, largeDocument] = [400_000, 4_000_000];

/** Whether Go's reader refuses a document of so many nodes: 99% of a small one may be aliases, 10% of a large one. */
function isMostlyAliases(aliased: number, count: number): boolean {
  if (aliased <= fewAliased || count <= fewNodes) return false;
  const size = Math.min(Math.max(count, smallDocument), largeDocument);
  return aliased / count > 0.99 - (0.89 * (size - smallDocument)) / (largeDocument - smallDocument);
}
