import { fileURLToPath } from 'node:url';
import { obtainFor } from '../local/obtain/tools.ts';
import { createReporter } from '../local/reporter.ts';
import { bringTemplateModule } from './compose/prepare-image.ts';

/** Before `npm pack`: puts into dist what is built and belongs into the package. */
await obtainFor('render', { reporter: createReporter() });
await bringTemplateModule(fileURLToPath(new URL('../dist/', import.meta.url)));
