import { ensureProgram } from './debian-program.ts';

/** Path of a Chromium for the browser tests. */
export function ensureChromium(): string {
  return ensureProgram({
    name: 'Chromium',
    variable: 'KEELSON_TOOL_CHROMIUM',
    places: [
      '/usr/bin/chromium',
      '/usr/bin/chromium-browser',
      '/usr/bin/google-chrome',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ],
    package: 'chromium',
  });
}
