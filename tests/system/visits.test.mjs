// Three visits in three languages on real parts, driven by role and label; one of them with the cloud cut from start to end.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack } from './stack.mjs';
import { openBrowser } from './resident.mjs';
import { applicationPage, cloudPapers, logsKnowNobody, printedForms, printedReceipts } from './evidence.mjs';
import { arrive, leave, moveInWithCard, reception, useCard, withoutCard } from './visits.mjs';

const folder = mkdtempSync(join(tmpdir(), 'genkan-visits-'));
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

/** A test that leaves a fresh kiosk to the next one when it fails. */
function visit(name, play) {
  test(name, async () => {
    try {
      await play();
    } catch (error) {
      await stack.freshKiosk();
      throw error;
    }
  });
}

visit('日本語: a family of four moves in with a card; forms, receipt and application agree', async () => {
  const journey = await moveInWithCard(browser, stack);
  const number = await reception(journey.resident);
  await leave(journey, stack);
  const forms = printedForms(stack, number);
  const page = await applicationPage(stack, number);
  assert.ok(forms.length >= 3, `${forms.length} forms of ${number} were printed after ${journey.titles.join(" → ")}`);
  assert.equal((await cloudPapers(page)).length, forms.length);
  assert.equal(printedReceipts(stack).length, 1);
  // Entered once, on every form that uses it; known from card or core, never asked.
  assert.ok(forms.filter((form) => form.text.includes('0221234567')).length >= 2);
  assert.equal(journey.titles.filter((title) => /電話番号/.test(title)).length, 1);
  assert.ok(!journey.titles.some((title) => /生年月日|氏名/.test(title)), journey.titles.join(' → '));
  assert.equal(journey.resident.pageError, undefined);
});

visit('a wrong PIN is said with the tries that are left, and the right one goes on', async () => {
  const journey = await arrive(browser, stack, 'ja');
  const { resident, word } = journey;
  await resident.goesOn(/^引っ越してきた/);
  await useCard(journey, stack, 'sato-family', '9999');
  await resident.sees(/暗証番号/);
  await resident.page.getByText(word('card.pin.wrong')).first().waitFor();
  await resident.page.getByText('あと2回').first().waitFor();
  await stack.card('remove');
  await stack.card('reset sato-family');
  await resident.taps(word('ui.start-over'));
  await resident.taps(word('ui.over-yes'));
  await resident.sees(new RegExp(word('ui.welcome-title').slice(0, 8)));
});

visit('やさしい日本語: without a card, everything can be finished', async () => {
  const journey = await withoutCard(browser, stack, 'ja-simple', /^引っこして きた/);
  const number = await reception(journey.resident);
  await leave(journey, stack);
  await applicationPage(stack, number);
});

visit('paper out: the page says what to do, nothing is lost, and the receipt comes after paper is in', async () => {
  await stack.receiptPrinter('paper out');
  const receipts = printedReceipts(stack).length;
  const journey = await arrive(browser, stack, 'ja');
  const { word } = journey;
  journey.rules = [
    [/いらっしゃいましたか/, async (resident) => resident.goesOn(/^引っ越していく/)],
    [/マイナンバーカードを/, async (resident) => resident.goesOn(/^カードを使わない/)],
  ];
  await journey.until(/紙がなくなりました/);
  await journey.resident.page.getByText(/申請は保存されています/).first().waitFor();
  assert.equal(printedReceipts(stack).length, receipts);
  await stack.receiptPrinter('paper ok');
  await journey.resident.taps(word('paper.retry'));
  await journey.until(/受け付けました/);
  assert.equal(printedReceipts(stack).length, receipts + 1);
  await leave(journey, stack);
});

visit('English: the cloud is cut from start to end; the application arrives once it is back', async () => {
  await stack.cutCloud();
  const journey = await withoutCard(browser, stack, 'en', /^I moved into/);
  const number = await reception(journey.resident);
  assert.ok(printedForms(stack, number).length >= 1, 'paper comes without the cloud');
  await leave(journey, stack);
  await stack.startCloud();
  await applicationPage(stack, number, 120);
});

test('no log knows anybody', () => {
  logsKnowNobody(stack, ['田中', 'タナカ', '陽翔', '佐藤', '濡縁', '0221234567', '9999000']);
});
