// Runs before `npm start` and `npm test`, on whatever Node (20 or newer) the machine has and before any package is
// there, so it is plain JavaScript without imports from node_modules. Installs the packages that package-lock.json
// names, with the Node 24 that everything else runs on among them; does nothing when they are in place.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const lockText = readFileSync(join(root, 'package-lock.json'));
const wanted = digest(`${process.platform} ${process.arch} ${lockText}`);
const modules = join(root, 'node_modules');
const stampFile = join(modules, '.keelson-installed');
/** Installing programs of one checkout wait for each other here; outside of node_modules, which npm empties first. */
const busyFile = join(tmpdir(), `keelson-install-${digest(root).slice(0, 16)}.lock`);

const beatMs = 1000;
/** A holder touches the lock every second; one untouched for this long belonged to a program that was killed. */
const abandonedMs = 20_000;

if (!isInstalled()) {
  try {
    await install();
  } catch (cause) {
    console.error(`\n${cause instanceof Error ? cause.message : cause}`);
    process.exit(1);
  }
}

/** Installed by this script, or by hand with npm after the lock file last changed. */
function isInstalled() {
  if (!existsSync(join(modules, 'node', 'bin', 'node'))) return false;
  if (existsSync(stampFile)) return readFileSync(stampFile, 'utf8') === wanted;
  // npm writes its own record last, so an interrupted installation has none.
  const record = join(modules, '.package-lock.json');
  return existsSync(record) && statSync(record).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;
}

async function install() {
  await takeTurn();
  const beat = setInterval(() => touch(busyFile), beatMs);
  try {
    if (isInstalled()) return;
    await runNpm();
    if (!existsSync(join(modules, 'node', 'bin', 'node'))) {
      throw new Error(
        'the package "node" came without its program: npm did not run its install script; run: npm rebuild node',
      );
    }
    writeFileSync(stampFile, wanted);
  } finally {
    clearInterval(beat);
    rmSync(busyFile, { force: true });
  }
}

async function takeTurn() {
  let told = false;
  for (;;) {
    try {
      writeFileSync(busyFile, String(process.pid), { flag: 'wx' });
      return;
    } catch (cause) {
      if (cause.code !== 'EEXIST') throw cause;
    }
    if (isAbandoned()) {
      rmSync(busyFile, { force: true });
      continue;
    }
    if (!told) console.error('packages: another start is installing them, waiting for it');
    told = true;
    await delay(500);
  }
}

function isAbandoned() {
  try {
    return Date.now() - statSync(busyFile).mtimeMs > abandonedMs;
  } catch {
    return false; // released in the meantime; the next attempt takes it
  }
}

function touch(file) {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    // somebody removed it by hand; the installation goes on all the same
  }
}

async function runNpm() {
  const count = Object.keys(JSON.parse(lockText.toString()).packages).length;
  console.error(
    `packages: installing about ${count} from package-lock.json (Keelson runs on them; once per change, about a minute)`,
  );
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const ticker = setInterval(() => console.error(`packages: still installing, ${seconds()} s`), 15_000);
  // Under npm its own program is used; on its own this script takes the npm on PATH.
  const npm = process.env.npm_execpath;
  const [command, first] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const child = spawn(
    command,
    [...first, 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  const how = await new Promise((resolve) => {
    child.once('error', (cause) => resolve(`could not be started (${cause.message})`));
    child.once('exit', (code, signal) => resolve(signal ?? code));
  });
  clearInterval(ticker);
  if (how === 0) {
    console.error(`packages: installed in ${seconds()} s`);
    return;
  }
  throw new Error(
    `npm ci ended with ${how}; what it printed above says why. Usual remedies: give the machine access to the npm ` +
      'registry (or set its proxy in ~/.npmrc), free disk space, or update npm with: npm install -g npm',
  );
}

function digest(text) {
  return createHash('sha256').update(text).digest('hex');
}
