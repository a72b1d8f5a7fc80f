// A town's masters, in a browser: an administrator sets fee, counter and opening hours on the console, and the next resident's plan on the
// kiosk has them.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faults } from './accessible.mjs';
import { chooses, escape } from './journey.mjs';
import { openBrowser } from './resident.mjs';
import { Stack } from './stack.mjs';
import { arrive } from './visits.mjs';

const pictures = process.env.GENKAN_PICTURES; // folder for a PNG of each page, or nothing
if (pictures) mkdirSync(pictures, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'genkan-masters-'));
const stack = new Stack(folder);
let browser;

before(async () => {
  await stack.start();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await stack.stop();
  if (!process.env.GENKAN_KEEP) rmSync(folder, { recursive: true, force: true });
});

/** What the kiosk keeps of the masters. */
const kept = () => {
  const file = stack.at('town/data/kiosk/editions/masters.json');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};
const begins = (text) => new RegExp(`^${escape(text)}`);
const place = () => new URL('console/990019/masters', stack.addresses.console).href;

async function administrator(width, height) {
  const context = await browser.newContext({ viewport: { width, height }, locale: 'ja-JP' });
  await context.addCookies([await stack.cookie('kanri')]);
  const page = await context.newPage();
  await page.goto(place());
  return page;
}

async function picture(page, name) {
  if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}

test('an administrator sets fee, counter and hours; what cannot be is said', { timeout: 120_000 }, async () => {
  const page = await administrator(1366, 768);
  await picture(page, 'masters-before');
  const part = (id) => page.locator(`#${id}`);
  await part('fees').getByLabel('住民票の写しの金額').fill('250');
  await part('fees').getByRole('button').click();
  await part('fees').getByText('変更').waitFor();
  await part('counters').getByLabel('証明書窓口の番号').fill('9');
  await part('counters').getByRole('button').click();
  await page.getByRole('alert').getByText('同じ番号').waitFor();
  await picture(page, 'masters-refused');
  await part('counters').getByLabel('証明書窓口の番号').fill('24');
  await part('counters').getByLabel('証明書窓口の場所', { exact: true }).fill('別館2階');
  await part('counters').getByRole('button').click();
  await part('counters').getByText('変更').waitFor();
  await part('opening').getByLabel('平日の始まり').fill('09:00');
  await part('opening').getByLabel('平日の終わり').fill('16:30');
  await part('opening').getByRole('button').click();
  await part('changes').getByRole('rowheader', { name: '3' }).waitFor();
  assert.equal(await part('changes').getByRole('rowheader').count(), 3);
  await picture(page, 'masters-after');
  assert.deepEqual(await faults(page, 'masters'), []);
  const tablet = await administrator(768, 1024);
  await picture(tablet, 'masters-tablet');
});

test('the next resident reads them on the kiosk', { timeout: 180_000 }, async () => {
  await stack.freshKiosk();
  await stack.processes.ready(stack.kiosk, () => kept().includes('"revision":3'));
  const journey = await arrive(browser, stack, 'ja', pictures && join(pictures, 'kiosk'));
  const { resident, word } = journey;
  journey.rules = [
    [begins(word('choose.title')), chooses(/^証明書がほしい/)],
    [begins(word('card.offer.title')), chooses(begins(word('card.offer.without')))],
    [/^どなたの手続き/, chooses('自分の手続き')],
    [/証明書/, chooses(/^住民票/)],
  ];
  await journey.until(/^必要な手続きは/);
  assert.match(await resident.reads(), /24番 証明書窓口/);
  await resident.goesOn(/^住民票の写し/);
  const screen = await resident.reads();
  await resident.picture();
  assert.match(screen, /250円/);
  assert.doesNotMatch(screen, /300円/);
});
