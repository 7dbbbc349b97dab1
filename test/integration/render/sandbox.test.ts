import { spawn } from 'node:child_process';
import { chmod, copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localIsolation } from '../../../bin/up/isolation.ts';
import { run } from '../../../platform/exec.ts';
import { removeTree } from '../../../platform/sandbox/remove.ts';
import { createSandbox, type SandboxRun } from '../../../platform/sandbox/sandbox.ts';
import { failureOf } from '../../support/process/failure.ts';
import { ownTmpdir } from '../../support/process/own-tmpdir.ts';
import { writeTree } from '../../support/render/render-files.ts';

const isLinux = process.platform === 'linux';
const asRoot = process.getuid?.() === 0;
const mechanisms = asRoot ? (['root', 'user-namespace'] as const) : (['user-namespace'] as const);

/** Processes of this machine whose command line has a text. */
async function processesWith(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (line.includes(text)) found.push(pid);
  }
  return found;
}

async function untilNone(text: string): Promise<void> {
  const deadline = Date.now() + 5000;
  while ((await processesWith(text)).length > 0) {
    if (Date.now() > deadline) throw new Error(`processes with ${text} are still there`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function mountsAndFolders(): Promise<string[]> {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  const folders = await readdir(tmpdir());
  return [...mounts, ...folders].filter((line) => line.includes('keelson-sandbox-'));
}

describe.skipIf(!isLinux).each(mechanisms)('platform/sandbox as %s', (mechanism) => {
  const sandbox = createSandbox({ isolation: 'required', mechanism });
  const guardedLocal = createSandbox({ isolation: 'required', mechanism, privateHosts: ['127.0.0.1'] });
  const canary = 'canary-of-the-worker';
  let root = '';
  let other = '';
  let scratch = '';
  let server: Server;
  let restoreTmpdir: () => Promise<void>;
  let port = 0;
  const requests: string[] = [];

  beforeAll(async () => {
    process.env['KEELSON_CANARY'] = canary;
    restoreTmpdir = await ownTmpdir();
    root = await writeTree({ 'own.txt': 'own\n' });
    await copyFile('/bin/echo', join(root, 'program'));
    await chmod(join(root, 'program'), 0o755);
    other = await writeTree({ 'secret.txt': canary });
    scratch = await mkdtemp(join(tmpdir(), 'keelson-scratch-'));
    server = createServer((request, reply) => {
      requests.push(request.url ?? '');
      reply.end('reached\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });

  afterAll(async () => {
    delete process.env['KEELSON_CANARY'];
    server.close();
    await restoreTmpdir();
  });

  const shell = async (script: string, rest: Partial<SandboxRun> = {}, within = sandbox) =>
    await within.run('/bin/sh', ['-c', script, 'probe'], {
      cwd: root,
      env: { PATH: '/usr/bin:/bin', HOME: scratch },
      timeoutSeconds: 20,
      maxOutputBytes: 1_000_000,
      readable: [root],
      writable: [scratch],
      ...rest,
    });

  it('shows the checkout, the scratch folder and programs, and nothing else of the machine', async () => {
    const { stdout } = await shell(
      `cat own.txt; cat ${other}/secret.txt /etc/passwd /etc/shadow 2>&1; ls -d /proc /sys /root /home /var /run 2>&1; true`,
    );
    expect(stdout).toContain('own\n');
    expect(stdout).not.toContain(canary);
    expect(stdout).not.toContain('root:');
    for (const gone of ['/proc', '/sys', '/root', '/home', '/var', '/run']) {
      expect(stdout).toContain(`cannot access '${gone}'`);
    }
    const temporary = await shell(`ls ${tmpdir()}`);
    expect(temporary.stdout.trim().split('\n').sort()).toEqual(
      [root, scratch].map((path) => basename(path)).sort(),
    );
  });

  it('keeps the environment and the processes of the worker out of sight', async () => {
    const { stdout } = await shell(
      'env; cat /proc/self/environ /proc/1/environ /proc/*/environ 2>&1; for n in 1 2 3 4; do kill -0 $n && echo "saw $n"; done 2>/dev/null; true',
    );
    expect(stdout).not.toContain(canary);
    // The shell of the sandbox is number one, and only it and the program are there.
    expect(stdout.match(/saw \d+/g)?.length ?? 0).toBeLessThanOrEqual(3);
  });

  it('lets nothing be written but in the scratch folder', async () => {
    const { stdout } = await shell(
      `for place in ${root}/own.txt ${root}/new /usr/bin/new /lib/new; do (echo x > $place) 2>/dev/null && echo "wrote $place"; done; echo x > ${scratch}/fine && echo wrote scratch`,
    );
    expect(stdout).toBe('wrote scratch\n');
  });

  it('runs no program that a render wrote or that came with the checkout', async () => {
    const { stdout } = await shell(
      `cp /bin/echo ${scratch}/own; chmod +x ${scratch}/own; ${scratch}/own ran the written one 2>&1; ` +
        `printf '#!/bin/sh\necho ran the script\n' > ${scratch}/script; chmod +x ${scratch}/script; ${scratch}/script 2>&1; ` +
        `${root}/program ran the shipped one 2>&1; true`,
    );
    expect(stdout.match(/Permission denied/g)).toHaveLength(3);
    expect(stdout).not.toMatch(/^ran /m);
  });

  it('gives no right back: no namespace, no mount, no other user', async () => {
    const { stdout } = await shell(
      'for line in "unshare --user true" "unshare --mount true" "mount -t tmpfs none /usr" "setpriv --reuid 0 true" "nsenter --net=/x true"; do $line 2>/dev/null && echo "did $line"; done; grep -c . /dev/null; id -u',
    );
    expect(stdout).not.toContain('did ');
    expect(stdout.trim().endsWith('\n0')).toBe(false);
  });

  it('has no network unless it is asked for', async () => {
    const before = requests.length;
    const { stdout } = await shell(
      `git ls-remote http://127.0.0.1:${port}/x 2>&1; ls /sys/class/net 2>&1; true`,
    );
    expect(stdout).toMatch(/unable to access/);
    expect(requests.length).toBe(before);
  });

  it('refuses addresses of the machine, of clouds and of private networks, and names them', async () => {
    const before = requests.length;
    const hosts = [
      ...['169.254.169.254', '[fd00:ec2::254]', '100.100.100.200', '168.63.129.16', '[fe80::1]'],
      ...[`127.0.0.1:${port}`, `2130706433:${port}`, `[::ffff:127.0.0.1]:${port}`, `[::1]:${port}`],
      ...['10.0.0.1', '192.168.1.1', '172.16.0.1', `localhost:${port}`],
    ];
    const script = hosts
      .map((host) => `git ls-remote 'http://${host}/r' 2>&1 | grep -q 403 && echo refused || echo '${host}'`)
      .join('; ');
    const { stdout } = await shell(`${script}; true`, { network: true });
    expect(stdout.trim().split('\n')).toEqual(hosts.map(() => 'refused'));
    expect(requests.length).toBe(before);
    const failed = shell('git ls-remote https://10.0.0.1/r', { network: true });
    await expect(failed).rejects.toThrow(/10\.0\.0\.1 is a private address; list the host in KEELSON_RENDER/);
  });

  it('reaches a private host that is listed, by the proxy alone', async () => {
    const before = requests.length;
    const { stdout } = await shell(
      `git ls-remote http://127.0.0.1:${port}/listed 2>&1; unset http_proxy all_proxy ALL_PROXY; git ls-remote http://127.0.0.1:${port}/direct 2>&1; true`,
      { network: true },
      guardedLocal,
    );
    expect(requests.slice(before).every((path) => path.startsWith('/listed'))).toBe(true);
    expect(requests.length).toBeGreaterThan(before);
    expect(stdout).toMatch(/direct.*(?:Connection refused|Couldn't connect|Failed to connect)/);
  });

  it('ends a fork bomb with its time and leaves nothing of it', async () => {
    const mark = `bomb-${mechanism}`;
    // It stops by itself after eight doublings: where no number holds it, it would keep the machine from all other tests.
    const fork = `f() { sleep 3 ${mark} & [ $1 = 0 ] || { f $(($1 - 1)) & f $(($1 - 1)) & }; }`;
    const bomb = shell(`${fork}; (f 8) 2>/dev/null; while :; do :; done`, {
      timeoutSeconds: 2,
      limits: { processes: 60 },
    });
    await expect(bomb).rejects.toMatchObject({ failure: 'timeout' });
    await untilNone(mark);
  });

  // The machine's root is never held to a number, not even inside a user namespace.
  it.skipIf(asRoot && mechanism === 'user-namespace')(
    'holds processes to a number, and says so of a bomb that ends by itself and of one that does not',
    async () => {
      const limits = { processes: 20 };
      const many = shell('for n in $(seq 60); do sleep 987654 & done; wait', { limits });
      await expect(many).rejects.toMatchObject({
        failure: 'process-limit',
        message: expect.stringMatching(/^sh: .*fork.*; it may have 20 processes and threads at once and/is),
      });
      const bomb = shell('for n in $(seq 60); do (sleep 987654 &); done; while :; do :; done', {
        limits,
        timeoutSeconds: 2,
      });
      await expect(bomb).rejects.toMatchObject({ failure: 'process-limit' });
      await untilNone('987654');
    },
  );

  it('holds memory, processor time, file size and disk to their limits, and says which', async () => {
    const memory = shell('awk \'BEGIN { s = "x"; while (1) s = s s }\'', {
      limits: { memoryBytes: 64_000_000 },
    });
    await expect(memory).rejects.toThrow(/memory|killed/i);
    const busy = shell('while :; do :; done', { limits: { processorSeconds: 1 } });
    await expect(busy).rejects.toThrow(/processor time/);
    const file = shell(`head -c 3000000 /dev/zero > ${scratch}/big`, { limits: { fileBytes: 1_000_000 } });
    await expect(file).rejects.toThrow(/larger than its limit|too large/);
    const disk = shell(
      `for n in 1 2 3 4 5 6; do head -c 900000 /dev/zero > ${scratch}/part$n; done; sleep 30`,
      {
        limits: { diskBytes: 2_000_000 },
      },
    );
    await expect(disk).rejects.toMatchObject({ failure: 'disk-limit' });
  });

  it('leaves neither process nor mount nor folder behind when the caller gives up', async () => {
    const stopped = shell(`(setsid sleep 987651 &) ; sleep 987651`, { signal: AbortSignal.timeout(300) });
    await expect(stopped).rejects.toMatchObject({ failure: 'aborted' });
    await untilNone('987651');
    const finished = await shell('(setsid sleep 987652 &) ; echo done');
    expect(finished.stdout).toBe('done\n');
    await untilNone('987652');
    expect(await mountsAndFolders()).toEqual([]);
  });

  it('ends with the worker that started it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keelson-dying-'));
    const script = join(folder, 'worker.mjs');
    const place = new URL('../../../platform/sandbox/sandbox.ts', import.meta.url).href;
    await writeFile(
      script,
      `import { createSandbox } from '${place}';
       await createSandbox({ isolation: 'required', mechanism: '${mechanism}' }).run('/bin/sh', ['-c', 'sleep 987653'], {
         cwd: '/', env: { PATH: '/bin' }, timeoutSeconds: 60, maxOutputBytes: 1000, readable: [], writable: [] });`,
    );
    const worker = spawn(process.execPath, [script], { stdio: 'ignore' });
    const deadline = Date.now() + 15_000;
    while (!(await processesWith('sleep\u0000987653')).length && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await processesWith('sleep\u0000987653')).not.toEqual([]);
    worker.kill('SIGKILL');
    await untilNone('987653');
    await rm(folder, { recursive: true });
    for (const name of await readdir(tmpdir())) {
      // A killed worker can't take its empty folders away.
      if (name.startsWith('keelson-sandbox-')) await rm(join(tmpdir(), name), { recursive: true });
    }
  });

  it('gives no variable through that would change the programs which build it', async () => {
    const run = shell('true', { env: { LD_PRELOAD: '/tmp/evil.so' } });
    await expect(run).rejects.toThrow("variable LD_PRELOAD can't be given to a render; rename it");
    const renamed = await shell('echo $OWN_PRELOAD', { env: { OWN_PRELOAD: '/tmp/evil.so' } });
    expect(renamed.stdout.trim()).toBe('/tmp/evil.so');
  });
});

describe('platform/sandbox', () => {
  const options: SandboxRun = {
    ...{ cwd: tmpdir(), env: {}, timeoutSeconds: 20, maxOutputBytes: 1000 },
    ...{ readable: [], writable: [] },
  };

  it('refuses where no sandbox can be built, unless a setting allows it', async () => {
    const searchPath = '/nowhere';
    const refused = createSandbox({ isolation: 'required', searchPath });
    const refusal = (await failureOf(refused.run(process.execPath, ['--version'], options))).message;
    expect(refusal).toMatch(
      /rendering is refused: a sandbox can't be built here \((?:unshare.* not found|\w+ has no namespaces)\);/,
    );
    expect(refusal).toContain(
      'give the worker what docs/operate/isolation.md lists, or set KEELSON_RENDER_ISOLATION=preferred to render without one',
    );
    // What the document lists is on this machine, in the usual places.
    const given = createSandbox({ isolation: 'required' });
    expect(await given.unavailable()).toBeUndefined();
    const told: string[] = [];
    const preferred = createSandbox({
      isolation: 'preferred',
      searchPath,
      onUnavailable: (why) => told.push(why),
    });
    for (const _ of [1, 2]) {
      const { stdout } = await preferred.run(process.execPath, ['--version'], options);
      expect(stdout.trim()).toBe(process.version);
    }
    expect(told).toHaveLength(1);
    const off = createSandbox({ isolation: 'off', searchPath });
    expect((await off.run(process.execPath, ['--version'], options)).stdout.trim()).toBe(process.version);
    expect(await off.unavailable()).toBeUndefined();
  });

  it('says at a local start that renders have no sandbox, and nothing where they have one', async () => {
    const startSays = async (sandbox: ReturnType<typeof createSandbox>): Promise<string> => {
      const said: string[] = [];
      await localIsolation({ say: (line) => said.push(line), progress: () => {} }, sandbox);
      return said.join('\n');
    };
    const without = await startSays(createSandbox({ isolation: 'preferred', searchPath: '/nowhere' }));
    expect(without).toContain(
      'a chart of somebody else could read your files; see docs/operate/isolation.md',
    );
    // The document names the very programs that are looked for.
    expect(await readFile('docs/operate/isolation.md', 'utf8')).toMatch(/util-linux/);
    expect(await startSays(createSandbox({ isolation: 'preferred' }))).toBe('');
  });

  it('removes trees without rights and trees deeper than a path may be long', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keelson-remove-'));
    const deep = "for (let n = 0; n < 1500; n++) { fs.mkdirSync('abcde'); process.chdir('abcde'); }";
    await run(process.execPath, ['--eval', deep], { ...options, cwd: folder });
    await run('/bin/sh', ['-c', 'mkdir -p closed/in; touch closed/in/file; chmod 000 closed/in closed'], {
      ...options,
      cwd: folder,
    });
    await chmod(folder, 0o700);
    await removeTree(folder);
    await expect(readdir(folder)).rejects.toThrow('ENOENT');
  });
});
