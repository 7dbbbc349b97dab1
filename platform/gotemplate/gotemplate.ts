import { formatJson, parseJson } from '../../core/object/json/json.ts';
import { createSealedThread, type SealedThread, type ThreadOutcome } from '../sealed-thread.ts';
import type {
  Evaluated,
  Fact,
  FactRequest,
  ModuleCall,
  ModuleInput,
  ModuleResult,
  Rendered,
  RunOptions,
  TemplateFault,
  TemplateText,
} from './call.ts';

export type { Evaluated, FactRequest, Rendered, RunOptions, TemplateFault, TemplateText } from './call.ts';

/** Go's text/template with sprig, and expr-lang, as the reference has them. */
export type GoTemplates = {
  renderTemplate(template: TemplateText, data: unknown, options: RunOptions): Promise<Rendered>;
  /** The same for many data, in order; one that fails leaves the others as they are. */
  renderEach(template: TemplateText, data: readonly unknown[], options: RunOptions): Promise<Rendered[]>;
  evaluate(expression: TemplateText, data: unknown, options: RunOptions): Promise<Evaluated>;
  /** What is wrong with a template before it is run; undefined when it can be run. */
  templateFault(template: TemplateText): Promise<TemplateFault | undefined>;
  /** The same for an expression. */
  expressionFault(expression: TemplateText): Promise<TemplateFault | undefined>;
  close(): Promise<void>;
};

/** What one call may use. */
export type TemplateLimits = {
  /** Pages of 64 KiB. */
  readonly maxPages: number;
  /** Time of a call, and what each further of its data adds. */
  readonly milliseconds: number;
  readonly millisecondsEach: number;
  /** Bytes of all outputs of a call, as JSON. */
  readonly maxOutput: number;
};

/** 256 MiB of memory; 2 s for a template that takes 0.1 ms; outputs of a set of 10,000 applications of 3 kB. */
export const defaultTemplateLimits: TemplateLimits = {
  maxPages: 4096,
  milliseconds: 2000,
  millisecondsEach: 5,
  maxOutput: 32 * 1024 * 1024,
};

/** Data of a set of 10,000 applications; much more than this would end the process rather than the thread. */
const maxRequestBytes = 48 * 1024 * 1024;

/** A template that needs facts is run anew with them at most this often. */
const maxFactRounds = 5;

type Task = 'render' | 'evaluate' | 'compileTemplate' | 'compileExpression';

/** Templates by the module at that path; its thread starts with the first call. */
export function createGoTemplates(
  modulePath: string,
  limits: TemplateLimits = defaultTemplateLimits,
): GoTemplates {
  const thread: SealedThread<ModuleCall, string> = createSealedThread({
    name: 'the template',
    script: new URL('./template-thread.ts', import.meta.url),
    workerData: { modulePath, maxPages: limits.maxPages } satisfies ModuleInput,
    maxOldGenerationMegabytes: 128,
  });

  async function runOnce(
    task: Task,
    text: TemplateText,
    data: readonly unknown[],
    options: RunOptions,
    facts: readonly Fact[],
  ): Promise<readonly ModuleResult[]> {
    const time = options.time.toISOString();
    const head = { ...text, task, facts, seed: options.seed, time, maxOutput: limits.maxOutput };
    const request = [head, ...data].map(lineOf).join('\n');
    if (Buffer.byteLength(request) > maxRequestBytes)
      return failEach(data, `${text.name}: data are larger than ${maxRequestBytes} bytes; pass fewer`);
    const outcome = await thread.ask(
      { request, seed: options.seed, time: options.time.getTime() },
      limits.milliseconds + limits.millisecondsEach * data.length,
    );
    return resultsOf(text, data, outcome);
  }

  async function run(
    task: Task,
    text: TemplateText,
    data: readonly unknown[],
    options: RunOptions,
  ): Promise<readonly ModuleResult[]> {
    const facts: Fact[] = [];
    for (let round = 0; ; round++) {
      const results = await runOnce(task, text, data, options, facts);
      const missing = distinct(results);
      const findFact = options.findFact;
      if (missing.length === 0) return results;
      if (findFact === undefined || round === maxFactRounds)
        return results.map((result) => withoutFact(text, result, findFact !== undefined));
      facts.push(...(await Promise.all(missing.map((request) => getFact(request, findFact)))));
    }
  }

  const one = async (
    task: Task,
    text: TemplateText,
    data: unknown,
    options: RunOptions,
  ): Promise<ModuleResult> => (await run(task, text, [data], options))[0] ?? noResult(text);

  const check = async (task: Task, text: TemplateText): Promise<TemplateFault | undefined> =>
    (await one(task, text, null, { seed: '', time: new Date(0) })).error;

  return {
    renderTemplate: async (template, data, options) =>
      rendered(template, await one('render', template, data, options)),
    renderEach: async (template, data, options) => {
      if (data.length === 0) return [];
      return (await run('render', template, data, options)).map((result) => rendered(template, result));
    },
    async evaluate(expression, data, options) {
      const { value, error } = await one('evaluate', expression, data, options);
      return error === undefined ? { value } : { error };
    },
    templateFault: (template) => check('compileTemplate', template),
    expressionFault: (expression) => check('compileExpression', expression),
    close: () => thread.close(),
  };
}

function rendered(text: TemplateText, { output, error }: ModuleResult): Rendered {
  if (error !== undefined) return { error };
  return output === undefined ? { error: noResult(text).error } : { output };
}

/** A value as a line of the request: JSON writes no line breaks. */
function lineOf(value: unknown): string {
  try {
    return formatJson(value);
  } catch (cause) {
    // Nested too deep, or longer than a string can be: the module says of the empty line that it can't be read.
    if (cause instanceof RangeError) return '';
    throw cause;
  }
}

function failEach(data: readonly unknown[], message: string): ModuleResult[] {
  return data.map(() => ({ error: { message } }));
}

function resultsOf(
  text: TemplateText,
  data: readonly unknown[],
  outcome: ThreadOutcome<string>,
): ModuleResult[] {
  if (!('answer' in outcome)) return failEach(data, `${text.name}: ${outcome.message}; make it do less`);
  const results: ModuleResult[] = outcome.answer
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => parseJson(line) as ModuleResult);
  // A request that can't be read at all has one result, for all of its data.
  return data.map((_datum, index) => results[index] ?? results[0] ?? noResult(text));
}

function noResult({ name }: TemplateText): { error: TemplateFault } {
  return { error: { message: `${name}: the module of Go templates gave no result` } };
}

/** The facts that results ask for, each once. */
function distinct(results: readonly ModuleResult[]): FactRequest[] {
  const asked = results.flatMap(({ missing }) => (missing === undefined ? [] : [missing]));
  return [...new Map(asked.map((request) => [formatJson(request), request])).values()];
}

async function getFact(
  request: FactRequest,
  findFact: (request: FactRequest) => Promise<unknown>,
): Promise<Fact> {
  try {
    const value = await findFact(request);
    return value === undefined ? { ...request, error: 'there is none' } : { ...request, value };
  } catch (cause) {
    // Told to the template, which may do without it; if not, its error names the function and this reason.
    const reason = cause instanceof Error ? cause.message : String(cause);
    return { ...request, error: reason || 'failed without a reason' };
  }
}

function withoutFact(text: TemplateText, result: ModuleResult, asksOn: boolean): ModuleResult {
  if (result.missing === undefined) return result;
  const { name } = result.missing;
  const why = asksOn
    ? `asks for more than ${maxFactRounds} facts one after the other`
    : 'is not available here; remove the call';
  const message = asksOn ? `${text.name}: ${why}, the last with ${name}` : `${text.name}: ${name} ${why}`;
  return { error: { message } };
}
