import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openapiDocument } from '../api/app.ts';
import { releaseVersion } from './compose/release.ts';

/** Writes the OpenAPI document, generated from the routes, where client authors look for it. */
const path = fileURLToPath(new URL('../docs/api/openapi.json', import.meta.url));
mkdirSync(fileURLToPath(new URL('.', `file://${path}`)), { recursive: true });
writeFileSync(path, `${JSON.stringify(openapiDocument(releaseVersion), undefined, 2)}\n`);
