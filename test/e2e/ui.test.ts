import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configMap, deployment, hookJob, wave, yamlOf } from '../support/applications.ts';
import { ensureChromium } from '../support/chromium.ts';
import { startKeelson, type TestKeelson } from '../support/start-keelson.ts';

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
    executablePath: ensureChromium(),
    headless: true,
    args: browserArguments,
    viewport: { width: 1280, height: 860 },
  });
  browser.setDefaultTimeout(20 * seconds);
  page = browser.pages()[0] ?? (await browser.newPage());
  page.on('pageerror', (error) => complaints.push(error.message));
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
    await page.getByLabel('Path', { exact: true }).fill('web');
    await page.getByLabel('Namespace', { exact: true }).fill('from-browser');
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

  it('shows a change that somebody else makes without a reload', async () => {
    await page.goto(`${keelson.url}/applications`);
    await page.getByRole('heading', { name: 'from-browser' }).waitFor();
    await keelson.client.deleteApplication('from-browser', { cascade: true });
    await page
      .getByRole('heading', { name: 'from-browser' })
      .waitFor({ state: 'detached', timeout: 60 * seconds });
  });

  it('throws nothing in the browser on the way', () => {
    expect(complaints).toEqual([]);
  });
});
