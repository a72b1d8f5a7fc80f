// `make visit`: one whole visit on real parts, played by itself; everything it made lies in target/visit/.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import assert from 'node:assert/strict';
import { ROOT, Stack } from './stack.mjs';
import { openBrowser } from './resident.mjs';
import { applicationPage, cloudPapers, logsKnowNobody, printedForms, printedPlans, printedReceipts } from './evidence.mjs';
import { leave, moveInWithCard, reception } from './visits.mjs';

const out = join(ROOT, 'target/visit');
rmSync(out, { recursive: true, force: true });
for (const folder of ['screens', 'forms', 'receipt', 'cloud']) mkdirSync(join(out, folder), { recursive: true });

const timings = [];
async function timed(what, work) {
  const from = performance.now();
  const result = await work();
  const ms = Math.round(performance.now() - from);
  timings.push({ what, ms });
  console.log(`${String(ms).padStart(7)} ms  ${what}`);
  return result;
}

const stack = new Stack(join(out, 'stack'));
let browser;
let failed = false;
try {
  await timed('start every part', () => stack.start());
  browser = await timed('start the browser', openBrowser);
  const journey = await timed('the visit, welcome to reception number', () => moveInWithCard(browser, stack, join(out, 'screens')));
  const number = await reception(journey.resident);
  await timed('take card and papers', () => leave(journey, stack));
  const page = await timed('the application is in the cloud', () => applicationPage(stack, number));
  const again = await timed('the cloud makes the papers again', () => cloudPapers(page));

  const forms = printedForms(stack, number);
  const receipts = printedReceipts(stack);
  assert.equal(receipts.length, 1, 'one receipt');
  assert.ok(forms.length >= 3, `${forms.length} forms were printed`);
  assert.equal(again.length, forms.length, 'the cloud has every printed form');
  assert.ok(forms.some((form) => /住民異動届/.test(form.text)), 'the notification of change of residence was printed');
  for (const form of forms) assert.match(form.text, /田中/, `${form.name} names the family`);
  for (const word of ['田中', '陽翔', 'さくら', '0221234567']) assert.ok(page.html.includes(word), `the application holds ${word}`);
  assert.equal(journey.resident.pageError, undefined, 'the page of the screen had no error');
  logsKnowNobody(stack, ['田中', 'タナカ', '陽翔', '濡縁', '0221234567', '9999000']);

  const plans = printedPlans(stack, number);
  assert.equal(plans.length, 1, 'so many lines come on A4 by counter too');
  copyFileSync(plans[0].path, join(out, 'plan.pdf'));
  for (const form of forms) copyFileSync(form.path, join(out, 'forms', form.name));
  for (const path of receipts) {
    copyFileSync(path, join(out, 'receipt', basename(path)));
    copyFileSync(path.replace(/png$/, 'bin'), join(out, 'receipt', basename(path).replace(/png$/, 'bin')));
  }
  writeFileSync(join(out, 'cloud', 'application.html'), page.html);
  again.forEach((pdf, at) => writeFileSync(join(out, 'cloud', `form-${at + 1}.pdf`), pdf));
  const desk = await browser.newPage({ viewport: { width: 1366, height: 768 }, locale: 'ja-JP' });
  await desk.context().addCookies([await stack.cookie()]);
  await desk.goto(page.address);
  await desk.screenshot({ path: join(out, 'cloud', 'application.png'), fullPage: true });
  writeFileSync(join(out, 'timings.json'), `${JSON.stringify({ reception: number, screens: journey.resident.seen.length, timings }, null, 2)}\n`);
  console.log(`\n${journey.resident.seen.length} screens, ${forms.length} forms, 1 receipt, application ${number} in the cloud: ${out}`);
} catch (error) {
  failed = true;
  console.error(error.stack);
} finally {
  await browser?.close();
  await stack.stop();
}
process.exit(failed ? 1 : 0);
