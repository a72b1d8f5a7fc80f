// A resident at the web screen: finds things by role and label only, as a screen reader would, and never waits by the clock.
import { chromium } from 'playwright-core';

const QUIET = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

export function openBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: QUIET });
}

/** What a hand needs before it touches a new screen. The kiosk ignores a touch that comes sooner: nobody can have read it. */
const HAND_MS = 400;

/** The screen's one heading of level 1. */
export const titleOf = (screen) => screen.match(/heading "((?:[^"\\]|\\.)*)" \[level=1\]/)?.[1] ?? '';

export class Resident {
  constructor(page, pictures) {
    this.page = page;
    this.pictures = pictures; // folder for a PNG of every screen, or nothing
    this.seen = [];
  }

  /** Stands before the kiosk: opens its screen at its true size. */
  static async at(browser, address, pictures) {
    const page = await browser.newPage({ viewport: { width: 1080, height: 1920 } });
    const resident = new Resident(page, pictures);
    page.on('pageerror', (error) => { resident.pageError = error; });
    await page.addInitScript(watchPage);
    await page.goto(address);
    return resident;
  }

  /** How often the screen has changed so far. */
  told() {
    return this.page.evaluate(() => Number(document.getElementById('kiosk').dataset.changes ?? 0));
  }

  /** Waits until this question has stood there long enough to be read and touched. */
  async rests() {
    await this.page.waitForFunction((hand) => performance.now() - globalThis.pageSince >= hand, HAND_MS);
  }

  /** The screen's title: its one heading of level 1. */
  async title() {
    return one(await this.page.getByRole('heading', { level: 1 }).first().textContent());
  }

  /** Waits until the title fits; says what stands there instead when it doesn't come. */
  async sees(pattern, seconds = 30) {
    const heading = this.page.getByRole('heading', { level: 1, name: pattern });
    try {
      await heading.first().waitFor({ state: 'attached', timeout: seconds * 1000 });
    } catch {
      throw new Error(`expected ${pattern}, the screen says:\n${await this.page.locator('body').ariaSnapshot()}`);
    }
    await this.picture();
  }

  button(name) {
    return this.page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name });
  }

  /** Touches a button once and waits until the screen has answered. */
  async taps(name) {
    await this.rests();
    const [told, before] = [await this.told(), await this.reads()];
    try {
      await this.button(name).first().click({ timeout: 20_000 });
    } catch (error) {
      throw new Error(`no ${name} to tap (${one(error.message).slice(0, 120)}):\n${await this.reads()}`);
    }
    await this.changes(told, `a touch on ${name}`, before);
  }

  /** Touches one of several unless it is chosen already, and waits until it is. */
  async chooses(name) {
    await this.rests();
    const chosen = this.button(name).and(this.page.locator('[aria-pressed=true]')).first();
    if (await chosen.count()) return;
    await this.button(name).first().click();
    await chosen.waitFor({ state: 'attached' });
  }

  async types(keys) {
    for (const key of keys) await this.taps(key);
  }

  /** A date on the era pad, by the western year. */
  async dates(word, [year, month, day]) {
    await this.chooses(word('date.western'));
    await this.types(String(year));
    await this.chooses(new RegExp(`^${word('ui.month')}`));
    await this.types(String(month));
    await this.chooses(new RegExp(`^${word('ui.day')}`));
    await this.types(String(day));
  }

  /** The screen as a screen reader has it. */
  reads() {
    return this.page.locator('body').ariaSnapshot();
  }

  /** Waits until the screen has changed since it had `told` so often; one that stands still is an error that shows it. */
  async changes(told, after, before, seconds = 30) {
    const more = (than) => Number(document.getElementById('kiosk').dataset.changes) > than;
    try {
      await this.page.waitForFunction(more, told, { timeout: seconds * 1000 });
    } catch {
      throw new Error(`${after} changed nothing:\n${before}`);
    }
  }

  /** Taps what leads on, and waits until the next screen stands there to be read. */
  async goesOn(name) {
    await this.taps(name);
    await this.rests();
  }

  async picture(name) {
    if (!this.pictures) return;
    const number = String(this.seen.length + 1).padStart(2, '0');
    const title = name ?? (await this.title()).replace(/[\s/?？、。「」]+/g, '');
    const file = `${number}-${title.slice(0, 40)}.png`;
    if (this.seen.at(-1)?.endsWith(title.slice(0, 40) + '.png')) return;
    this.seen.push(file);
    await this.page.screenshot({ path: `${this.pictures}/${file}` });
  }
}

/** In the page: when did the page change last? Typing on a pad is no other page. */
function watchPage() {
  globalThis.pageSince = performance.now();
  new MutationObserver(() => { globalThis.pageSince = performance.now(); })
    .observe(document, { subtree: true, attributes: true, attributeFilter: ['data-page'] });
}

const one = (text) => (text ?? '').replace(/\s+/g, ' ').trim();
