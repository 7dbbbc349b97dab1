/** What Keelson uses of WebAssembly, which Node's types leave to the browser's. */
export type WasmModule = { readonly brand?: 'module' };

/** A function of a module or made callable for one. */
export type WasmFunction = (...values: number[]) => number;

/** A running module. */
export type WasmInstance = { readonly exports: Readonly<Record<string, unknown>> };

type WasmImports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

type Wasm = {
  readonly Module: {
    new (bytes: Uint8Array): WasmModule;
    imports(module: WasmModule): { readonly module: string; readonly name: string }[];
  };
  readonly Instance: new (module: WasmModule, imports: WasmImports) => WasmInstance;
};

/** WebAssembly of the JavaScript engine. */
export const wasm: Wasm = Reflect.get(globalThis, 'WebAssembly');

const i32 = 0x7f;

/**
 * A function with 32-bit integers in and out as WebAssembly knows it: only such can stand in a module's table. Made
 * by a module that imports the function and exports it again.
 */
export function compileFunction(
  body: (...values: number[]) => unknown,
  parameters: number,
  answers: boolean,
): WasmFunction {
  const type = [0x60, parameters, ...Array<number>(parameters).fill(i32), ...(answers ? [1, i32] : [0])];
  const name = [1, 'f'.charCodeAt(0)];
  const bytes = Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, ...type]),
    ...section(2, [1, ...name, ...name, 0, 0]),
    ...section(7, [1, ...name, 0, 0]),
  ]);
  const instance = new wasm.Instance(new wasm.Module(bytes), { f: { f: body } });
  return instance.exports['f'] as WasmFunction;
}

function section(id: number, content: readonly number[]): number[] {
  return [id, content.length, ...content];
}
