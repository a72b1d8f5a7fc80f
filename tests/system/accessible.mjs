// Whether a page can be used by everybody: WCAG 2.2 AA as far as a program can tell (axe), and by keyboard alone.
import assert from 'node:assert/strict';
import axe from 'axe-core';

/** The office PC and the tablet that the console is made for. */
const SIZES = [{ width: 1366, height: 768 }, { width: 768, height: 1024 }];
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** What is wrong with the page as it stands, at either size; one line for each fault. */
export async function faults(page, name) {
  const found = [];
  const before = page.viewportSize();
  for (const size of SIZES) {
    await page.setViewportSize(size);
    await page.evaluate(axe.source); // not a script of the page's, so that its Content Security Policy stays as it is
    const { violations } = await page.evaluate((rules) => window.axe.run(document, { runOnly: rules, resultTypes: ['violations'] }), RULES);
    for (const { id, help, nodes } of violations) {
      for (const node of nodes) found.push(`${name} at ${size.width}: ${id} (${help}) ${node.target.join(' ')} ${node.failureSummary.split('\n').slice(1, 3).join(' ').trim()}`);
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (wide > 0) found.push(`${name} at ${size.width}: ${wide} px wider than the window`);
  }
  await page.setViewportSize(before);
  return found;
}

/** Goes to something with the Tab key alone; wherever the focus is on the way, it is seen. */
export async function tabTo(page, target, most = 60) {
  for (let presses = 0; presses <= most; presses += 1) {
    const here = await target.evaluateAll((all) => all.includes(document.activeElement));
    if (presses > 0 || here) await focusIsSeen(page);
    if (here) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`${target} is not reached in ${most} presses of Tab`);
}

/** The focused element has an outline of 2 px or more, lies in the window, and nothing covers it (WCAG 2.4.7, 2.4.11). */
async function focusIsSeen(page) {
  const focus = await page.evaluate(() => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const on = document.elementFromPoint(box.x + Math.min(box.width / 2, 20), box.y + box.height / 2);
    return {
      what: element.outerHTML.slice(0, 100),
      marked: element.matches(':focus-visible') && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
      uncovered: element === document.body || element.contains(on) || Boolean(on?.contains(element)),
    };
  });
  if (focus.what.startsWith('<body')) return; // past the last element, before the first
  assert.ok(focus.marked, `no visible focus on ${focus.what}`);
  assert.ok(focus.uncovered, `something covers ${focus.what}`);
}
