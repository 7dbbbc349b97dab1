import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toolPath } from '../../local/obtain/tools.ts';
import {
  applicationOf,
  configMap,
  deployment,
  hookJob,
  wave,
  yamlOf,
} from '../support/keelson/applications.ts';
import { startKeelson, type TestKeelson } from '../support/keelson/start-keelson.ts';

const browserArguments = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const seconds = 1_000;

let keelson: TestKeelson;
let profile: string;
let browser: BrowserContext;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  keelson = await startKeelson();
  profile = mkdtempSync(join(tmpdir(), 'keelson-browser-'));
  browser = await chromium.launchPersistentContext(profile, {
    executablePath: await toolPath('chromium'),
    headless: true,
    args: browserArguments,
    viewport: { width: 1280, height: 860 },
  });
  browser.setDefaultTimeout(20 * seconds);
  page = browser.pages()[0] ?? (await browser.newPage());
  page.on('pageerror', (error) => complaints.push(error.message));
  // What the policy for contents refuses is no error of a script.
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) complaints.push(message.text());
  });
});

afterAll(async () => {
  await browser?.close();
  if (profile !== undefined) rmSync(profile, { recursive: true, force: true });
  await keelson?.stop();
});

async function logIn(password: string): Promise<void> {
  await page.getByLabel('Username').fill('admin');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

/** A Deployment whose pods never become ready. */
function hangingDeployment(name: string): object {
  const labels = { app: name };
  const metadata = { labels, annotations: { 'keelson.test/pod': 'hang' } };
  const containers = [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }];
  const template = { metadata, spec: { containers } };
  return { ...deployment(name), spec: { replicas: 1, selector: { matchLabels: labels }, template } };
}

describe('web UI', () => {
  it('asks for a login, refuses a wrong password, and returns to the page that was wanted', async () => {
    await page.goto(`${keelson.url}/applications?view=table`);
    await page.waitForURL('**/login?return_url=*');
    await logIn('wrong');
    await page.getByRole('alert').getByText('Invalid username or password').waitFor();
    await logIn(keelson.adminPassword);
    await page.waitForURL('**/applications?view=table');
    await page.getByRole('heading', { name: 'Applications', level: 1 }).waitFor();
  });

  it('shows every problem of an empty form at its field', async () => {
    await page.goto(`${keelson.url}/applications?panel=new`);
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    for (const label of ['Name', 'Repository URL', 'Path']) {
      const field = page.getByLabel(label, { exact: true });
      await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true');
    }
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('warns of a sync option that nobody knows, before and after the application is there', async () => {
    await page.goto(`${keelson.url}/applications?panel=new`);
    const repository = await keelson.gitServer.createRepository('slip', {
      'app.yaml': yamlOf(configMap('a', { a: '1' })),
    });
    const application = applicationOf({
      name: 'slip',
      repoURL: repository.url,
      namespace: 'slip',
      syncPolicy: { syncOptions: ['CreateNamespce=true'] },
    });
    await page.getByRole('button', { name: 'Edit as YAML' }).click();
    await page.getByLabel('Application as YAML').fill(yamlOf(application));
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByText('write CreateNamespace=true if that was meant').waitFor();
    await page.getByRole('button', { name: 'Create all the same' }).click();
    await page.waitForURL('**/applications/slip');
    const condition = page.getByRole('list', { name: 'Conditions' }).getByText('SyncOptionWarning');
    await condition.waitFor({ timeout: 60 * seconds });
  });

  it('creates an application, syncs it wave by wave, and sees it Synced and Healthy', async () => {
    const repository = await keelson.gitServer.createRepository('ui', {
      'web/app.yaml': yamlOf(
        hookJob('before', 'PreSync'),
        configMap('settings', { theme: 'dark' }, wave(-1)),
        deployment('web', 2),
      ),
    });
    await page.goto(`${keelson.url}/applications`);
    await page
      .getByRole('button', { name: 'New app' })
      .or(page.getByText('Create the first'))
      .first()
      .click();
    await page.getByLabel('Name', { exact: true }).fill('from-browser');
    await page.getByLabel('Repository URL').fill(repository.url);
    await page.getByLabel('Revision', { exact: true }).fill('main');
    await page.getByLabel('Path', { exact: true }).fill('nowhere');
    await page.getByLabel('Namespace', { exact: true }).fill('From_Browser');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByText('is not a valid name of a namespace').waitFor();
    await page.getByLabel('Namespace', { exact: true }).fill('from-browser');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByText('nowhere: app path does not exist').waitFor();
    expect(await page.getByLabel('Path', { exact: true }).getAttribute('aria-invalid')).toBe('true');
    await page.getByLabel('Path', { exact: true }).fill('web');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.waitForURL('**/applications/from-browser');

    await page.getByRole('button', { name: 'Sync', exact: true }).click();
    await page.getByRole('button', { name: 'Synchronize' }).click();

    const sync = page.getByRole('region', { name: 'Sync progress' });
    await sync.getByRole('region', { name: /^PreSync/ }).waitFor();
    await sync.getByRole('heading', { name: 'Wave -1' }).waitFor();
    await sync.getByRole('button', { name: /Job .*before.*: hook/ }).waitFor();
    await sync.getByText('Succeeded').waitFor({ timeout: 90 * seconds });
    await sync.getByRole('button', { name: /apps\/Deployment .*web: done/ }).waitFor();

    const health = page.locator('.fact', { hasText: 'Health' }).first();
    await health.getByText('Healthy').waitFor({ timeout: 60 * seconds });
    const state = page.locator('.fact').nth(1);
    await state.getByText('Synced', { exact: true }).waitFor({ timeout: 60 * seconds });
    await page.getByRole('button', { name: /^Deployment from-browser\/web: Healthy, Synced/ }).waitFor();
  });

  it('keeps the sync in the history and opens its steps from there', async () => {
    await page.goto(`${keelson.url}/applications/from-browser?panel=history`);
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /Succeeded/ })
      .first()
      .click();
    await page
      .getByRole('region', { name: 'Sync progress' })
      .getByRole('button', { name: /web: done/ })
      .waitFor();
    expect(page.url()).toContain('operation=');
  });

  it('restarts and scales a Deployment from its panel, and says why an action is not possible', async () => {
    const key = { group: 'apps', kind: 'Deployment', namespace: 'from-browser', name: 'web' };
    const specOf = async () => (await keelson.cluster.get('apps/v1', key))?.['spec'];
    await page.goto(`${keelson.url}/applications/from-browser?node=apps/Deployment/from-browser/web`);
    const panel = page.getByRole('dialog', { name: 'web', exact: true });
    await panel.getByText('the Deployment is not paused').waitFor();
    expect(await panel.getByRole('button', { name: 'Resume' }).isDisabled()).toBe(true);

    await panel.getByRole('button', { name: 'Restart' }).click();
    const restart = page.getByRole('dialog', { name: 'Restart Deployment web?' });
    expect(JSON.stringify(await specOf())).not.toContain('restartedAt');
    await restart.getByRole('button', { name: 'Restart' }).click();
    await panel.getByText('Restart has been run.').waitFor();
    expect(JSON.stringify(await specOf())).toContain('"kubectl.kubernetes.io/restartedAt"');

    await panel.getByRole('button', { name: 'Scale' }).click();
    const scale = page.getByRole('dialog', { name: 'Scale Deployment web?' });
    const replicas = scale.getByLabel('Replicas');
    expect(await replicas.inputValue()).toBe('2');
    await replicas.fill('-1');
    await scale.getByRole('button', { name: 'Scale' }).click();
    await scale.getByRole('alert').getByText('replicas "-1" is not a whole number').waitFor();
    await replicas.fill('3');
    await scale.getByRole('button', { name: 'Scale' }).click();
    await panel.getByText('Scale has been run.').waitFor();
    expect(await specOf()).toMatchObject({ replicas: 3 });
  });

  it('shows which objects a sync may only delete after a confirmation, and goes on with it', async () => {
    const name = 'confirming';
    const repository = await keelson.gitServer.createRepository(name, {
      'kept.yaml': yamlOf(configMap('kept', { a: '1' })),
      'careful.yaml': yamlOf(
        configMap('careful', { a: '1' }, { 'argocd.argoproj.io/sync-options': 'Prune=confirm' }),
      ),
    });
    await keelson.create(applicationOf({ name, repoURL: repository.url, namespace: name }));
    await keelson.sync(name);
    await repository.commit({ 'careful.yaml': null });
    const id = await keelson.request(name, { prune: true });

    await page.goto(`${keelson.url}/applications/${name}`);
    const sync = page.getByRole('region', { name: 'Sync progress' });
    await sync.getByText('Waiting for an approval').waitFor();
    const objects = sync.getByRole('list', { name: 'Objects to confirm' }).getByRole('listitem');
    await expect.poll(() => objects.allTextContents()).toEqual([`ConfigMap ${name}/careful`]);
    const key = { group: '', kind: 'ConfigMap', namespace: name, name: 'careful' };
    expect(await keelson.cluster.get('v1', key)).toBeDefined();

    await sync.getByRole('button', { name: 'Confirm deletion' }).click();
    await sync.getByText('Succeeded').waitFor();
    expect(await keelson.cluster.get('v1', key)).toBeUndefined();
    expect(await keelson.ended(name, id)).toMatchObject({ phase: 'Succeeded' });
  });

  it('shows when a sync has to end, and leads from a superseded one to its successor', async () => {
    const name = 'overtaken';
    const repository = await keelson.gitServer.createRepository(name, {
      'app.yaml': yamlOf(hangingDeployment('app')),
      'last.yaml': yamlOf(configMap('last', { a: '1' }, wave(1))),
    });
    const annotations = { 'keelson.dev/sync-timeout': '10m' };
    const syncPolicy = { automated: {}, syncOptions: ['CreateNamespace=true'] };
    await keelson.create(
      applicationOf({ name, repoURL: repository.url, namespace: name, annotations, syncPolicy }),
    );
    await page.goto(`${keelson.url}/applications/${name}`);
    const sync = page.getByRole('region', { name: 'Sync progress' });
    await sync.getByText('Waiting for the wave to settle').waitFor();
    await sync.getByText(/must end by .* \(in 9:\d\d\)/).waitFor();

    const sha = await repository.commit({ 'app.yaml': yamlOf(deployment('app')) });
    await keelson.client.applications.get(name, { refresh: 'normal' });
    await page.goto(`${keelson.url}/applications/${name}?panel=history`);
    const history = page.getByRole('dialog', { name: 'History' });
    await history.getByRole('link', { name: `the sync to ${sha.slice(0, 7)}` }).waitFor();
    await history.getByRole('button', { name: /^Superseded/ }).click();
    await sync.getByRole('link', { name: 'a newer operation' }).click();
    await sync.getByText(sha.slice(0, 7)).waitFor();
    await sync.getByText('Succeeded').waitFor();
  });

  it('says once why an attempt failed, and which one it waits for', async () => {
    const name = 'retrying';
    const fails = { annotations: { 'keelson.test/pod': 'fail' } };
    const repository = await keelson.gitServer.createRepository(name, {
      'app.yaml': yamlOf(hookJob('check', 'PreSync', {}, fails)),
    });
    await keelson.create(applicationOf({ name, repoURL: repository.url, namespace: name }));
    const id = await keelson.request(name, {
      retryStrategy: { limit: 5, backoff: { duration: '10m', factor: 1, maxDuration: '10m' } },
    });
    await page.goto(`${keelson.url}/applications/${name}?operation=${id}`);
    const sync = page.getByRole('region', { name: 'Sync progress' });
    await sync.getByText('Waiting for attempt 2').waitFor({ timeout: 60 * seconds });
    await sync.getByText('attempt 2 of 6').waitFor();
    expect(await sync.getByText('attempt 1 failed').count()).toBe(1);
    expect(await sync.getByText('backoff limit').count()).toBe(1);
    expect(await sync.getByText('Retrying attempt').count()).toBe(0);
    expect(await sync.getByText('Reading Git').count()).toBe(0);
    await page.goto(`${keelson.url}/applications`);
    await page.getByRole('article').filter({ hasText: name }).getByText('sync began').waitFor();
    await keelson.client.operations.terminate(name);
    await keelson.ended(name, id);
    await page.getByRole('article').filter({ hasText: name }).getByText('sync failed just now').waitFor();
  });

  it('shows a change that somebody else makes without a reload', async () => {
    await page.goto(`${keelson.url}/applications`);
    await page.getByRole('heading', { name: 'from-browser' }).waitFor();
    await keelson.client.applications.delete('from-browser', { cascade: true });
    await page
      .getByRole('heading', { name: 'from-browser' })
      .waitFor({ state: 'detached', timeout: 60 * seconds });
  });

  it('throws nothing in the browser on the way', () => {
    expect(complaints).toEqual([]);
  });
});
