import { parse } from 'luaparse';

/** A node of the syntax tree; only what all kinds share is named here. */
type Node = {
  readonly type: string;
  readonly range: readonly [number, number];
  readonly [field: string]: unknown;
};

/** A stretch of a block that a goto of it leaves (forward) or begins anew (backward). */
type Stretch = {
  readonly label: Node;
  readonly first: number;
  readonly end: number;
  readonly isBackward: boolean;
};

/**
 * A loop of the rewritten script that a break would end: one of the script's own, or one that stands for a stretch.
 * `flag` tells, once it is needed, that it is being left from inside of further loops.
 */
type Frame = { readonly stretch?: Stretch; flag?: string; readonly passing: Set<string> };

const loops: ReadonlySet<string> = new Set([
  'WhileStatement',
  'RepeatStatement',
  'ForNumericStatement',
  'ForGenericStatement',
]);

/**
 * A script with its gotos and labels written as loops and breaks: the reference's Lua is 5.1 with goto, the
 * interpreter is 5.1 as published. Lines stay where they are. A goto forward leaves a loop that runs once, a goto
 * backward repeats one. A script that can't be read, or whose gotos jump into the middle of each other's stretches,
 * is returned as it is, and the interpreter names the line.
 */
export function withoutGotos(script: string): string {
  if (!/\bgoto\b|::/.test(script)) return script;
  try {
    const chunk = parse(script, { ranges: true, comments: false, luaVersion: 'LuaJIT' }) as unknown as Node;
    return new Rewriting(script).functionBody(chunk, 0, script.length);
  } catch (cause) {
    // Not the script's Lua, or one of the few forms that have no loop: both are told by the interpreter's own words.
    if (cause instanceof SyntaxError || cause instanceof Crossing) return script;
    throw cause;
  }
}

class Crossing extends Error {}

/** The rewriting of one script; each function of it has flags of its own. */
class Rewriting {
  readonly #script: string;
  readonly #prefix: string;
  #count = 0;
  #flags: string[] = [];
  #frames: Frame[] = [];

  constructor(script: string) {
    this.#script = script;
    let prefix = 'goto_';
    while (script.includes(prefix)) prefix += '_';
    this.#prefix = prefix;
  }

  /** The text from one offset to another that holds the body of a function, with its flags declared. */
  functionBody(owner: Node, from: number, to: number): string {
    const [flags, frames] = [this.#flags, this.#frames];
    this.#flags = [];
    this.#frames = [];
    const statements = blockOf(owner);
    const start = statements[0]?.range[0] ?? to;
    const body = this.#block(statements, start, to);
    const declared = this.#flags.length === 0 ? '' : `local ${this.#flags.join(', ')} `;
    [this.#flags, this.#frames] = [flags, frames];
    return this.#script.slice(from, start) + declared + body;
  }

  #block(statements: readonly Node[], from: number, to: number): string {
    return this.#stretch(statements, stretchesOf(statements), 0, statements.length, from, to);
  }

  /** Statements of a block by index, with the outermost of the given stretches made loops. */
  #stretch(
    statements: readonly Node[],
    stretches: readonly Stretch[],
    first: number,
    end: number,
    from: number,
    to: number,
  ): string {
    let text = '';
    let at = from;
    for (let index = first; index < end; ) {
      const outer = stretches.find((one) => one.first === index);
      const statement = statements[index];
      if (statement === undefined) break;
      text += this.#script.slice(at, statement.range[0]);
      if (outer === undefined) {
        text += this.#node(statement);
        at = statement.range[1];
        index++;
        continue;
      }
      const last = statements[outer.end - 1] ?? statement;
      const inner = stretches.filter(
        (one) => one !== outer && one.first >= outer.first && one.end <= outer.end,
      );
      const body = (): string =>
        this.#stretch(statements, inner, outer.first, outer.end, statement.range[0], last.range[1]);
      text += this.#asLoop(outer, body);
      at = last.range[1];
      index = outer.end;
    }
    return text + this.#script.slice(at, to);
  }

  #asLoop(stretch: Stretch, body: () => string): string {
    const frame: Frame = { stretch, passing: new Set() };
    if (stretch.isBackward) frame.flag = this.#newFlag();
    const inside = this.#within(frame, body);
    const { flag } = frame;
    if (stretch.isBackward)
      return `while true do ${flag} = false repeat ${inside} until true if not ${flag} then break end end${leaving(frame)}`;
    return `repeat ${inside} until true${flag === undefined ? '' : ` ${flag} = false`}${leaving(frame)}`;
  }

  #within(frame: Frame, body: () => string): string {
    this.#frames.push(frame);
    const text = body();
    this.#frames.pop();
    return text;
  }

  #node(node: Node): string {
    if (node.type === 'LabelStatement') return blank(this.#textOf(node));
    if (node.type === 'GotoStatement') return this.#jump(this.#frameOf(node)) + blank(this.#textOf(node));
    if (node.type === 'BreakStatement') return this.#break();
    if (!loops.has(node.type)) return this.#inside(node);
    const frame: Frame = { passing: new Set() };
    const text = this.#within(frame, () => this.#inside(node));
    return `${text}${frame.flag === undefined ? '' : ` ${frame.flag} = false`}${leaving(frame)}`;
  }

  /** A node's own text around what its blocks and functions become. */
  #inside(node: Node): string {
    let text = '';
    let at = node.range[0];
    for (const child of childrenOf(node)) {
      const [from, to] = 'block' in child ? rangeOf(child.block) : child.node.range;
      text += this.#script.slice(at, from);
      if ('block' in child) text += this.#block(child.block, from, to);
      else if (child.node.type === 'FunctionDeclaration') text += this.#function(child.node);
      else text += this.#node(child.node);
      at = to;
    }
    return text + this.#script.slice(at, node.range[1]);
  }

  #function(node: Node): string {
    const end = node.range[1] - 'end'.length;
    return this.functionBody(node, node.range[0], end) + this.#script.slice(end, node.range[1]);
  }

  /** The loop that stands for a goto's label: the innermost with its name. */
  #frameOf({ label }: Node): Frame {
    const name = nameOf(label);
    const frame = this.#frames.findLast(
      ({ stretch }) => stretch !== undefined && nameOf(stretch.label['label']) === name,
    );
    if (frame === undefined) throw new Crossing(`no visible label ${name}`);
    return frame;
  }

  #break(): string {
    const frame = this.#frames.findLast(({ stretch }) => stretch === undefined);
    return frame === undefined || frame === this.#frames.at(-1) ? 'break' : this.#jump(frame);
  }

  /** Leaves every loop up to a frame; `do` and `end`, since a break has to be the last statement of its block. */
  #jump(target: Frame): string {
    const passed = this.#frames.slice(this.#frames.indexOf(target) + 1);
    if (passed.length > 0) target.flag ??= this.#newFlag();
    const { flag } = target;
    if (flag !== undefined) for (const frame of passed) frame.passing.add(flag);
    const isTold = flag !== undefined && (passed.length > 0 || target.stretch?.isBackward === true);
    return isTold ? `do ${flag} = true break end` : 'do break end';
  }

  #newFlag(): string {
    const flag = `${this.#prefix}${++this.#count}`;
    this.#flags.push(flag);
    return flag;
  }

  #textOf({ range: [from, to] }: Node): string {
    return this.#script.slice(from, to);
  }
}

/** What follows a loop that jumps pass through: each goes on outwards. */
function leaving({ passing }: Frame): string {
  return [...passing].map((flag) => ` if ${flag} then break end`).join('');
}

/** The line ends of a text that is replaced, so that messages name the right lines. */
function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ').replace(/ +/g, ' ');
}

/** The stretches of a block, outer ones first; throws where two overlap without one holding the other. */
function stretchesOf(statements: readonly Node[]): Stretch[] {
  const found: Stretch[] = [];
  for (const [position, label] of statements.entries()) {
    if (label.type !== 'LabelStatement') continue;
    const name = nameOf(label['label']);
    const jumping = statements.flatMap((statement, index) => (jumpsTo(statement, name) ? [index] : []));
    const [first = position] = jumping;
    if (first < position) found.push({ label, first, end: position, isBackward: false });
    if (jumping.some((index) => index > position))
      found.push({ label, first: position, end: statements.length, isBackward: true });
  }
  return nested(found, statements);
}

/**
 * Stretches that hold each other or lie apart. One forward that begins within another begins with it, where the
 * statements it gains declare nothing that is needed after it.
 */
function nested(found: readonly Stretch[], statements: readonly Node[]): Stretch[] {
  const widened = found.map((one): Stretch => {
    const first = Math.min(
      ...found
        .filter((other) => other.first < one.first && one.first < other.end && other.end < one.end)
        .map((other) => other.first),
      one.first,
    );
    if (first === one.first) return one;
    const gained = statements.slice(first, one.first);
    if (one.isBackward || gained.some(({ type }) => type === 'LocalStatement'))
      throw new Crossing('stretches cross');
    return { ...one, first };
  });
  return widened.sort((left, right) => left.first - right.first || right.end - left.end);
}

/** Whether a statement holds a goto to a label outside of it, functions left out. */
function jumpsTo(node: Node, name: string): boolean {
  if (node.type === 'GotoStatement') return nameOf(node['label']) === name;
  return childrenOf(node).some((child) => {
    if ('node' in child) return child.node.type !== 'FunctionDeclaration' && jumpsTo(child.node, name);
    const isOwn = child.block.some((one) => one.type === 'LabelStatement' && nameOf(one['label']) === name);
    return !isOwn && child.block.some((one) => jumpsTo(one, name));
  });
}

type Child = { readonly block: readonly Node[] } | { readonly node: Node };

/** Blocks and nodes right inside a node, as they stand in the text. */
function childrenOf(node: Node): Child[] {
  const children = Object.entries(node).flatMap(([field, value]): Child[] => {
    const nodes = (Array.isArray(value) ? value : [value]).filter(isNode);
    if (field === 'body' && Array.isArray(value)) return nodes.length === 0 ? [] : [{ block: nodes }];
    return nodes.map((one) => ({ node: one }));
  });
  return children.toSorted((left, right) => startOf(left) - startOf(right));
}

function startOf(child: Child): number {
  return 'block' in child ? rangeOf(child.block)[0] : child.node.range[0];
}

function rangeOf(block: readonly Node[]): readonly [number, number] {
  return [block[0]?.range[0] ?? 0, block.at(-1)?.range[1] ?? 0];
}

function blockOf({ body }: Node): readonly Node[] {
  return Array.isArray(body) ? body.filter(isNode) : [];
}

function nameOf(identifier: unknown): string {
  return isNode(identifier) ? String(identifier['name']) : '';
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'range' in value;
}
