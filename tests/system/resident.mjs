// A resident at the web screen: finds things by role and label only, as a screen reader would, and never waits by the clock.
import { chromium } from 'playwright-core';

const QUIET = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

export function openBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: QUIET });
}

/** A screen that stayed the same for this long has come to rest: longer than a frame and its controls take. */
const REST_MS = 150;
/** With the same title the next screen may still be on its way: a second tap would land on it. */
const SAME_TITLE_MS = 1500;

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
    await page.goto(address);
    return resident;
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

  async taps(name) {
    const button = this.button(name).first();
    try {
      await button.click({ timeout: 20_000 });
    } catch (error) {
      throw new Error(`no ${name} to tap (${one(error.message).slice(0, 120)}):\n${await this.page.locator('body').ariaSnapshot()}`);
    }
  }

  async types(keys) {
    for (const key of keys) await this.taps(key);
  }

  /** A date on the era pad, by the western year. */
  async dates(word, [year, month, day]) {
    await this.taps(word('date.western'));
    await this.types(String(year));
    await this.taps(new RegExp(`^${word('ui.month')}`));
    await this.types(String(month));
    await this.taps(new RegExp(`^${word('ui.day')}`));
    await this.types(String(day));
  }

  /** The screen as a screen reader has it. */
  reads() {
    return this.page.locator('body').ariaSnapshot();
  }

  /** Waits until the screen is another than `before` and has come to rest; one that stands still is an error that shows it. */
  async moves(before, seconds = 30) {
    const end = Date.now() + seconds * 1000;
    let last = before;
    let since = Date.now();
    while (Date.now() < end) {
      const now = await this.reads();
      if (now !== last) {
        last = now;
        since = Date.now();
      }
      const rest = titleOf(now) === titleOf(before) ? SAME_TITLE_MS : REST_MS;
      if (now !== before && Date.now() - since >= rest) return;
      await this.page.evaluate(() => new Promise((next) => requestAnimationFrame(next)));
    }
    throw new Error(`nothing moves:\n${before}`);
  }

  /** Taps what leads on and waits until the screen moved; taps again, as people do, when nothing happened. */
  async goesOn(name) {
    const before = await this.reads();
    for (let taps = 0; taps < 3; taps += 1) {
      await this.taps(name);
      if (await this.moves(before, 6).then(() => true, () => false)) return;
    }
    throw new Error(`three taps on ${name} moved nothing:\n${before}`);
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

const one = (text) => (text ?? '').replace(/\s+/g, ' ').trim();
