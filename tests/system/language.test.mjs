// The console in English, in a browser: chosen on the log-in page, kept from page to page, left again at the inbox. Every page that is
// looked at holds WCAG 2.2 AA at both sizes, and nothing on it is wider than the window.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faults } from './accessible.mjs';
import { openBrowser } from './resident.mjs';
import { freshCode } from './staff.mjs';
import { Stack } from './stack.mjs';
import { leave, moveInWithCard, reception } from './visits.mjs';

const pictures = process.env.GENKAN_PICTURES; // folder for a PNG of each page at both sizes, or nothing
if (pictures) mkdirSync(pictures, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'genkan-language-'));
const stack = new Stack(folder);
let browser;
let clerk;

const console = (path = '') => new URL(`console/990019${path}`, stack.addresses.console).href;

before(async () => {
  await stack.start();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await stack.stop();
  if (!process.env.GENKAN_KEEP) rmSync(folder, { recursive: true, force: true });
});

/** Somebody at an office PC; the browser asks for `locale`. */
async function desk(locale) {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale });
  const page = await context.newPage();
  page.on('pageerror', (error) => { page.error = error; });
  return page;
}

/** A member of staff with an English browser. */
async function reader(login) {
  const page = await desk('en-GB');
  await page.context().addCookies([await stack.cookie(login)]);
  return page;
}

/** The page as it stands is English and has no barrier. */
async function holds(page, name) {
  assert.equal(await page.locator('html').getAttribute('lang'), 'en', name);
  assert.deepEqual(await faults(page, name), []);
  if (!pictures) return;
  for (const [size, width, height] of [['pc', 1366, 768], ['tablet', 768, 1024]]) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: join(pictures, `${name}-${size}.png`), fullPage: true });
  }
  await page.setViewportSize({ width: 1366, height: 768 });
}

test('a clerk chooses English on the log-in page, and Japanese again at the inbox', async () => {
  clerk = await desk('ja-JP');
  const kubo = stack.person('kubo');
  await clerk.goto(console());
  await clerk.getByRole('heading', { name: 'ログイン' }).waitFor();
  await clerk.getByRole('link', { name: 'English' }).click();
  await clerk.getByRole('heading', { name: 'Log in' }).waitFor();
  await holds(clerk, 'log-in');
  await clerk.getByLabel('Log-in name').fill(kubo.login);
  await clerk.getByLabel('Password').fill(kubo.password);
  await clerk.getByRole('button', { name: 'Next' }).click();
  await clerk.getByLabel('The 6 digits that the app shows').waitFor();
  await holds(clerk, 'code');
  await clerk.getByLabel('The 6 digits that the app shows').fill(freshCode(kubo));
  await clerk.getByRole('button', { name: 'Log in' }).click();
  await clerk.getByRole('heading', { name: 'Inbox' }).waitFor();
  await clerk.goto(console('?state=returned'));
  await clerk.getByRole('link', { name: '日本語' }).click();
  await clerk.getByRole('heading', { name: '申請一覧' }).waitFor();
  assert.equal(clerk.url(), console('?state=returned'), 'where one was');
  await clerk.getByRole('link', { name: 'English' }).click();
  await clerk.getByRole('heading', { name: 'Inbox' }).waitFor();
});

test('what a resident brought is read in English, but not changed', { timeout: 300_000 }, async () => {
  const journey = await moveInWithCard(browser, stack);
  const number = await reception(journey.resident);
  await leave(journey, stack);
  await clerk.goto(console());
  await clerk.getByRole('link', { name: number }).waitFor({ timeout: 60_000 });
  await clerk.getByRole('row', { name: number }).getByText('I moved into town').waitFor();
  await holds(clerk, 'inbox');
  await clerk.getByRole('link', { name: number }).click();
  await clerk.getByRole('button', { name: 'Claim' }).click();
  await clerk.locator('.facts').getByText('Me', { exact: true }).waitFor();
  const name = clerk.getByRole('row').filter({ hasText: '田中　花子' }).first();
  assert.equal(await name.locator('[lang=ja]').first().textContent(), '田中　花子');
  await name.locator('summary').click();
  await holds(clerk, 'application');
  await clerk.getByRole('button', { name: 'Confirm' }).click();
  await clerk.getByRole('button', { name: 'Hand off to RPA' }).click();
  await clerk.goto(console('/links'));
  await clerk.getByRole('row', { name: number }).getByText('Waiting').waitFor();
  await holds(clerk, 'links');
  assert.equal(clerk.error, undefined);
});

test('the interview', async () => {
  await clerk.goto(console('/interview'));
  await holds(clerk, 'interview-begin');
  await clerk.getByLabel('Life event').selectOption({ label: 'I moved into town' });
  await clerk.getByLabel('Person 1: date of birth').fill('1988-04-01');
  await clerk.getByLabel('Person 2: relationship').selectOption({ label: 'Child' });
  await clerk.getByLabel('Person 2: date of birth').fill('2020-04-02');
  await clerk.getByRole('button', { name: 'Begin the interview' }).click();
  await clerk.getByRole('heading', { name: /^Plan/ }).waitFor();
  await holds(clerk, 'interview');
});

test('every other page', async () => {
  for (const [login, paths] of [['kubo', ['/kiosks', '/me']], ['kanri', ['/people', '/masters']], ['kansa', ['/trail']]]) {
    const page = await reader(login);
    for (const path of paths) {
      await page.goto(console(path));
      await holds(page, path.slice(1));
    }
  }
  const page = await reader('kansa');
  await page.goto(console('/people'));
  await page.getByText('You do not have the right for this').waitFor();
  await holds(page, 'refused');
  await page.goto(stack.addresses.console);
  await holds(page, 'towns');
});
