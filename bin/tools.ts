import { KeelsonError } from '../core/errors.ts';
import { type Purpose, purposes } from '../local/obtain/artefact.ts';
import { obtainFor } from '../local/obtain/tools.ts';
import { createReporter } from '../local/reporter.ts';

/** Obtains what the named purposes need, those of `npm start` when none is named, and ends. */
async function obtainNamed(words: readonly string[]): Promise<void> {
  const named = words.length === 0 ? ['start'] : words;
  for (const word of named) {
    const purpose = purposes.find((candidate) => candidate === word);
    if (purpose === undefined) throw unknownPurpose(word);
    await obtainFor(purpose, { reporter: createReporter(process.stdout) });
  }
}

function unknownPurpose(word: string): KeelsonError {
  const known: readonly Purpose[] = purposes;
  return new KeelsonError(
    'invalid-argument',
    `purpose ${word} is unknown; name some of: ${known.join(', ')}`,
  );
}

try {
  await obtainNamed(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof KeelsonError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}
