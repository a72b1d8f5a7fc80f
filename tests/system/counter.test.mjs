// The counter's day, in a browser: a visit arrives live, a clerk takes, corrects and hands it off, a robot types it in, an auditor
// sees each step; a second town's clerk sees nothing of it. Log-in by password and code, and by the town's OpenID provider.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faults, tabTo } from './accessible.mjs';
import { CLIENT, openIdProvider } from './provider.mjs';
import { chooses } from './journey.mjs';
import { openBrowser } from './resident.mjs';
import { clientSecret, freshCode, hire } from './staff.mjs';
import { logsKnowNobody } from './evidence.mjs';
import { Stack, program } from './stack.mjs';
import { certificateWithCard, leave, moveInWithCard, reception } from './visits.mjs';

const SECOND = '990027';
const pictures = process.env.GENKAN_PICTURES; // folder for a PNG of each page, or nothing
if (pictures) mkdirSync(pictures, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'genkan-counter-'));
let browser;
let provider;
let others;
const stack = new Stack(folder, { settings: provided });
const people = new Map(); // login → page
let number;
let place;

/** An OpenID provider for the demo town, and a second town with nothing but a key. */
function provided(stack) {
  const secret = stack.at('openid-client');
  writeFileSync(secret, CLIENT.secret, { mode: 0o600 });
  const key = stack.at('second.key');
  execFileSync(program('cloud-api'), ['sealing-key', '--out', key], { stdio: 'ignore' });
  return `
[tenant.openid]
issuer = "${provider.issuer}"
client_id = "${CLIENT.id}"
client_secret_file = "${secret}"

[[tenant]]
code = "${SECOND}"
name = "縁側町"
sealing_key_id = "1"
sealing_key_file = "${key}"
`;
}

const console = (path = '', town = '990019') => new URL(`console/${town}${path}`, stack.addresses.console).href;

before(async () => {
  provider = await openIdProvider(() => console('/provider/back'));
  await stack.start();
  others = hire(program('cloud-api'), stack.at('second-staff'), stack.at('town/settings/cloud-api.toml'), SECOND);
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await stack.stop();
  provider?.close();
  if (!process.env.GENKAN_KEEP) rmSync(folder, { recursive: true, force: true });
});

async function desk(width = 1366, height = 768) {
  const context = await browser.newContext({ viewport: { width, height }, locale: 'ja-JP' });
  const page = await context.newPage();
  page.on('pageerror', (error) => { page.error = error; });
  page.on('console', (message) => { if (/Content Security Policy/.test(message.text())) page.error = new Error(message.text()); });
  return page;
}

let shots = 0;
const barriers = [];
/** Every page that is looked at is one that everybody can use; what is not is found by a test of its own. */
async function picture(page, name) {
  barriers.push(...await faults(page, name));
  if (pictures) await page.screenshot({ path: join(pictures, `${String(++shots).padStart(2, '0')}-${name}.png`) });
}

/** With password and code, as a person types them. */
async function logIn(person, town = '990019') {
  const page = await desk();
  await page.goto(console('', town));
  await picture(page, 'log-in');
  await page.getByLabel('ログイン名').fill(person.login);
  await page.getByLabel('パスワード').fill(person.password);
  await page.getByRole('button', { name: '次へ' }).click();
  await page.getByLabel('アプリに表示されている6桁の数字').fill(freshCode(person));
  await picture(page, 'code');
  await page.getByRole('button', { name: 'ログイン' }).click();
  people.set(`${town} ${person.login}`, page);
  return page;
}

const button = (page, name) => page.getByRole('button', { name });

test('a visit at the kiosk arrives in a clerk\'s inbox while they look at it', async () => {
  const clerk = await logIn(stack.person('kubo'));
  await clerk.getByText('この条件の申請はありません').waitFor();
  const journey = await moveInWithCard(browser, stack);
  number = await reception(journey.resident);
  await leave(journey, stack);
  // Nothing is reloaded by hand: the list renews itself.
  await clerk.getByRole('link', { name: number }).waitFor({ timeout: 60_000 });
  await clerk.getByRole('link', { name: /^受付\s*1$/ }).waitFor(); // the counts, too
  await picture(clerk, 'inbox');
  assert.equal(clerk.error, undefined);
});

test('the clerk finds it by a name in kana, takes it, corrects a glyph, confirms and hands it off', async () => {
  const clerk = people.get('990019 kubo');
  await clerk.getByLabel('受付番号・二次元コード・氏名').fill('たなか　はなこ');
  await button(clerk, 'さがす').click();
  await clerk.getByRole('cell', { name: /田中/ }).first().waitFor();
  assert.ok(!clerk.url().includes('%'), 'no name in the address');
  await picture(clerk, 'found');
  await clerk.getByRole('link', { name: number }).click();
  place = new URL(clerk.url()).pathname;
  await button(clerk, '担当する').click();
  await picture(clerk, 'claimed');
  const row = clerk.getByRole('row').filter({ hasText: '田中　花子' }).first();
  await row.locator('summary').click();
  await row.getByRole('textbox').fill('田中　華子');
  await picture(clerk, 'correcting');
  await row.getByRole('button', { name: '直す' }).click();
  await clerk.getByText('補正 1件').waitFor();
  const changed = clerk.getByRole('row').filter({ hasText: '田中　華子' }).first();
  assert.match(await changed.textContent(), /田中　花子.*田中　華子.*職員/s, 'what was before stands beside it, and its source');
  await button(clerk, '確認済みにする').click();
  await button(clerk, 'RPAに引き渡す').click();
  await clerk.getByText('いません', { exact: true }).waitFor();
  await picture(clerk, 'handed-off');
  assert.equal(clerk.error, undefined);
});

test('an administrator registers the robot\'s client; the robot takes the job and finishes it', async () => {
  const admin = await logIn(stack.person('kanri'));
  await admin.goto(console('/people'));
  await picture(admin, 'people');
  await admin.getByText('外部サービスを登録する').click();
  await admin.getByLabel('サービスの名前').fill('住基入力ロボット');
  await admin.getByLabel(/RPAの作業/).check();
  await button(admin, '登録する').click();
  const [address] = await admin.locator('code').allTextContents();
  await picture(admin, 'client');
  const theirs = await desk();
  await theirs.goto(new URL(address, stack.addresses.console).href);
  await picture(theirs, 'client-secret');
  const { id, secret } = await clientSecret(program('cloud-api'), stack.at('town/settings/cloud-api.toml'), '990019',
    new URL(address, stack.addresses.console));
  const api = (path) => new URL(`v1/990019/${path}`, stack.addresses.console);
  const token = await (await fetch(api('oauth/token'), {
    method: 'POST', body: new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret }),
  })).json();
  const robot = (path, body) => fetch(api(path), {
    method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', authorization: `Bearer ${token.access_token}` },
  });
  const claim = randomUUID();
  const job = await (await robot('jobs/claim', { claim })).json();
  assert.equal(job.document.reception, number);
  const corrected = job.document.values.filter((value) => value.text === '田中　華子');
  assert.ok(corrected.length > 0 && corrected.every((value) => value.source === 'fixed'), 'the robot gets what staff corrected, and who did');
  assert.equal((await robot('jobs/claim', { claim: randomUUID() })).status, 204, 'nothing is left for a second robot');
  const done = await robot(`jobs/${job.job}/finish`, { claim, result: 'done' });
  assert.equal(done.status, 200);
  const clerk = people.get('990019 kubo');
  await clerk.goto(new URL(place, stack.addresses.console).href);
  await clerk.locator('.tag.state', { hasText: '処理済' }).waitFor();
  await picture(clerk, 'done');
});

test('an auditor sees each step, and that nothing was changed', async () => {
  const auditor = await logIn(stack.person('kansa'));
  await auditor.goto(console('/trail'));
  await auditor.getByText('改ざんなし').waitFor();
  await picture(auditor, 'trail');
  const id = place.split('/').at(-1);
  await auditor.getByLabel('対象').fill(id);
  await button(auditor, '絞り込む').click();
  const rows = await auditor.getByRole('row').allTextContents();
  for (const step of ['申請の受付', '申請の閲覧', '担当開始', '補正', '状態の変更', '引き渡し']) {
    assert.ok(rows.some((row) => row.includes(step)), `${step} is missing:\n${rows.join('\n')}`);
  }
  const page = await auditor.content();
  assert.ok(!/田中|華子/.test(page), 'the trail names no resident');
  await auditor.goto(new URL(place, stack.addresses.console).href);
  await auditor.getByText('この操作の権限がありません').waitFor();
  await picture(auditor, 'refused');
});

test('a second town\'s clerk sees nothing of it', async () => {
  const page = await logIn(others.find((person) => person.login === 'kubo'), SECOND);
  await page.getByText('この条件の申請はありません').waitFor();
  for (const path of [place, place.replace('990019', SECOND)]) {
    const cookies = await page.context().cookies(console('', SECOND));
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    const reply = await fetch(new URL(path, stack.addresses.console), { headers: { cookie, accept: 'text/html' }, redirect: 'manual' });
    assert.equal(reply.status, 404, path);
    assert.ok(!/田中|華子/.test(await reply.text()));
  }
});

test('a person of the town logs in through its OpenID provider', async () => {
  const page = await desk(768, 1024);
  await page.goto(console());
  await page.getByRole('link', { name: '庁内アカウントでログイン' }).click();
  await page.locator('input[name=login]').fill('seki');
  await page.locator('input[name=password]').fill('anything');
  await page.locator('button[type=submit]').click();
  await page.locator('button[type=submit]').click(); // consent
  await page.getByRole('heading', { name: '申請一覧' }).waitFor();
  assert.match(await page.locator('.who').textContent(), /関　主任/);
  await picture(page, 'tablet-inbox');
  await page.getByRole('link', { name: number }).click();
  await picture(page, 'tablet-one');

  const stranger = await desk();
  await stranger.goto(console('/provider'));
  await stranger.locator('input[name=login]').fill('nobody');
  await stranger.locator('input[name=password]').fill('anything');
  await stranger.locator('button[type=submit]').click();
  await stranger.locator('button[type=submit]').click();
  await stranger.getByText('このシステムに登録されていません').waitFor();
  await picture(stranger, 'unknown');
});

test('a protected person\'s visit shows nothing at the kiosk; staff get an alert, and say that they saw it', async () => {
  const journey = await certificateWithCard(browser, stack, 'protected', chooses(/^前田.裕子さん/));
  const own = await reception(journey.resident);
  assert.ok(!/支援措置|要注意|照会/.test(await journey.resident.reads()));
  await leave(journey, stack);
  const clerk = people.get('990019 kubo');
  await clerk.goto(console());
  const row = clerk.getByRole('row').filter({ hasText: own });
  await row.getByText('要注意').waitFor({ timeout: 60_000 });
  await picture(clerk, 'alert-inbox');
  await clerk.getByRole('link', { name: own }).click();
  await clerk.getByRole('heading', { name: '要注意（支援措置）' }).waitFor();
  await picture(clerk, 'alert');
  await button(clerk, '担当する').click();
  await button(clerk, '確認済みにする').click();
  await button(clerk, 'RPAに引き渡す').click();
  await clerk.goto(console('/links'));
  await clerk.getByRole('row').filter({ hasText: own }).getByText('職員の確認待ち').waitFor();
  await picture(clerk, 'alert-links');
  await clerk.getByRole('link', { name: own }).click();
  await button(clerk, '支援措置を確認しました').click();
  await clerk.getByText('（確認済み）').waitFor();
  await picture(clerk, 'alert-seen');
  await clerk.goto(console('/links'));
  const job = clerk.getByRole('row').filter({ hasText: own });
  await job.getByText('待ち', { exact: false }).waitFor();
  assert.ok(!/職員の確認待ち/.test(await job.textContent()), 'now it is a robot\'s');
});

test('while the core system is away staff see 照会待ち, and what a clerk finds there by hand counts', async () => {
  const journey = await certificateWithCard(browser, stack, 'sato-family', async (resident) => {
    await stack.coreFault('down');
    await resident.goesOn(/^佐藤/);
  });
  const own = await reception(journey.resident);
  await leave(journey, stack);
  const clerk = people.get('990019 kubo');
  await clerk.goto(console());
  await clerk.getByRole('row').filter({ hasText: own }).getByText('照会待ち').waitFor({ timeout: 60_000 });
  await picture(clerk, 'waits-inbox');
  await clerk.getByRole('link', { name: own }).click();
  await clerk.getByText('基幹系システムで確認した').click();
  await picture(clerk, 'waits');
  await button(clerk, '対象の方はいません').click();
  await clerk.getByText('該当なし').waitFor();
  await stack.coreFault('none');
});

test('by keyboard alone: log in, open the inbox, take an application and confirm it', async () => {
  const seki = stack.person('seki');
  const page = await desk();
  const types = async (target, text) => {
    await tabTo(page, target);
    await page.keyboard.type(text);
  };
  await page.goto(console());
  await types(page.getByLabel('ログイン名'), seki.login);
  await types(page.getByLabel('パスワード'), seki.password);
  await page.keyboard.press('Enter');
  await page.getByLabel('アプリに表示されている6桁の数字').waitFor();
  await types(page.getByLabel('アプリに表示されている6桁の数字'), freshCode(seki));
  await page.keyboard.press('Enter');
  const row = page.getByRole('row').filter({ hasText: '受付' }).filter({ hasText: '証明書' });
  const link = row.getByRole('link');
  await link.waitFor();
  await tabTo(page, link);
  // The list renews itself under the clerk's hands: the focus stays where it was.
  await page.waitForResponse((reply) => reply.request().headers()['hx-request'] === 'true' && reply.ok());
  await page.waitForFunction(() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling'));
  assert.ok(await link.evaluate((own) => own === document.activeElement), 'the renewed list took the focus away');
  await page.keyboard.press('Enter');
  for (const [name, then] of [['担当する', '自分'], ['確認済みにする', '確認']]) {
    await button(page, name).waitFor();
    await tabTo(page, button(page, name));
    await picture(page, `keyboard-${then}`);
    await page.keyboard.press('Enter');
    await page.locator('.facts').getByText(then, { exact: true }).waitFor();
  }
  assert.equal(page.error, undefined);
});

test('the other pages of the console, too, can be used by everybody', async () => {
  const clerk = people.get('990019 kubo');
  for (const path of ['/interview', '/kiosks', '/me', '/me/password', '/again']) {
    await clerk.goto(console(path));
    await picture(clerk, path.slice(1).replace('/', '-'));
  }
  const admin = people.get('990019 kanri');
  await admin.goto(console('/people'));
  await admin.getByText('職員を招待する').click();
  await picture(admin, 'invite');
  await admin.getByRole('link', { name: /久保/ }).click();
  await picture(admin, 'person');
  await admin.goto(stack.addresses.console);
  await picture(admin, 'towns');
});

test('no page has a barrier (WCAG 2.2 AA)', () => {
  assert.deepEqual(barriers, []);
});

test('no log knows anybody', () => {
  logsKnowNobody(stack, ['田中', 'タナカ', '華子', '花子', '前田', 'マエダ', '佐藤', '0221234567']);
});
