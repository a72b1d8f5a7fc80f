// What a played visit left behind, and whether it is right: paper, the cloud's application, and nothing of the people in any log.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { until } from './processes.mjs';

export const TENANT = '990019';

const files = (folder, ending) => readdirSync(folder).filter((name) => name.endsWith(ending)).sort();
const pdfText = (path) => execFileSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8' });

/** The application's page in the console, once the cloud has it. */
export async function applicationPage(stack, reception, seconds = 60) {
  const list = new URL(`console/${TENANT}`, stack.addresses.console);
  const see = await stack.asStaff();
  let link;
  await until(`application ${reception} in the cloud`, async () => {
    const html = await (await see(list)).text();
    link = html.match(new RegExp(`href="(/console/${TENANT}/applications/[^"]+)"[^>]*>\\s*${reception}`))?.[1];
    return link !== undefined;
  }, seconds);
  const address = new URL(link, list);
  return { address: address.href, html: await (await see(address)).text(), see };
}

/** The papers that the cloud makes again from the application's values. */
export async function cloudPapers(page) {
  const numbers = [...page.html.matchAll(/href="\?paper=(\d+)"/g)].map(([, number]) => number);
  const application = new URL(page.address).pathname;
  return Promise.all(numbers.map(async (number) => {
    const link = `${application}/forms/${number}`;
    const reply = await page.see(new URL(link, page.address));
    assert.equal(reply.status, 200, link);
    assert.equal(reply.headers.get('content-type'), 'application/pdf');
    return Buffer.from(await reply.arrayBuffer());
  }));
}

/** Printed forms of one reception number, each with its text; the plan slip is no form. */
export const printedForms = (stack, reception) => printedPages(stack, reception).filter((page) => !isPlan(page));

/** The plan by counter, where the visit had many lines. */
export const printedPlans = (stack, reception) => printedPages(stack, reception).filter(isPlan);

const isPlan = (page) => page.text.includes('受付案内票');

function printedPages(stack, reception) {
  return files(stack.places.forms, '.pdf')
    .map((name) => ({ name, path: join(stack.places.forms, name) }))
    .map((form) => ({ ...form, text: pdfText(form.path) }))
    .filter((form) => form.text.includes(reception));
}

export function printedReceipts(stack) {
  return files(stack.places.receipts, '.png').map((name) => join(stack.places.receipts, name));
}

/** Fails when any of the words stands in any log. */
export function logsKnowNobody(stack, people) {
  let read = 0;
  for (const name of files(stack.at('logs'), '.log')) {
    const text = readFileSync(stack.at('logs', name), 'utf8');
    read += text.length;
    for (const word of people) assert.ok(!text.includes(word), `${name} knows ${word}`);
  }
  assert.ok(read > 0, 'the logs were read');
}
