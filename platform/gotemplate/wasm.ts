/** The part of WebAssembly that is used here; the types of Node leave it out. */
export type WasmMemory = { readonly buffer: ArrayBuffer };

/** An instance of the module: Go's reactor with two exports of ours. */
export type TemplateInstance = {
  readonly exports: {
    readonly memory: WasmMemory;
    _initialize(): void;
    reserve(bytes: number): number;
    answer(): bigint;
  };
};

type WebAssemblyNamespace = {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: Record<string, unknown>) => TemplateInstance;
};

export const wasm = Reflect.get(globalThis, 'WebAssembly') as WebAssemblyNamespace;

const headerBytes = 8;
const memorySection = 5;

/**
 * The module with an upper limit on its memory, in pages of 64 KiB. Go writes none into its modules, and what grows
 * inside of one asks nobody outside.
 */
export function withMemoryLimit(module: Uint8Array, maxPages: number): Uint8Array {
  for (let at = headerBytes; at < module.length; ) {
    const size = readNumber(module, at + 1);
    const end = size.end + size.value;
    if (module[at] === memorySection) {
      // One memory: its count, its flags, its smallest size.
      const smallest = readNumber(module, size.end + 2);
      const memory = [1, 1, ...numberBytes(smallest.value), ...numberBytes(maxPages)];
      return Buffer.concat([
        module.subarray(0, at),
        Uint8Array.from([memorySection, ...numberBytes(memory.length), ...memory]),
        module.subarray(end),
      ]);
    }
    at = end;
  }
  throw new Error('module of Go templates has no memory of its own');
}

/** A LEB128 number and where it ends. */
function readNumber(bytes: Uint8Array, start: number): { value: number; end: number } {
  let value = 0;
  let end = start;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[end++] ?? 0;
    value |= (byte & 0x7f) << shift;
    if ((byte & 0x80) === 0) return { value: value >>> 0, end };
  }
}

function numberBytes(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  do {
    const more = left > 0x7f ? 0x80 : 0;
    bytes.push((left & 0x7f) | more);
    left >>>= 7;
  } while (left > 0);
  return bytes;
}
