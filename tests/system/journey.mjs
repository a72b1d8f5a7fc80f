// One visit, played screen by screen: rules say what to do at a title; what no rule names is answered as most people would.
import { titleOf } from './resident.mjs';
import { words } from './words.mjs';

/** Buttons that lead on, most wanted first; `+` means: touch it and then the primary action. */
const LEAD_ON = ['question.nobody', 'plan.offer.none', 'details.together.alone', 'review.right', 'plan.write', 'plan.print', 'sign.paper', 'forms.confirm.print', 'answer.no', 'count.none',
  'button.next', 'date.yesterday', 'button.ok', 'button.go_on', 'household.go_on', 'entry.later.name', 'entry.later.counter', 'question.unknown'];

export class Journey {
  /** `rules`: [[/title/, async (resident, title) => …], …]; the first that fits acts. */
  constructor(resident, language, rules) {
    this.resident = resident;
    this.word = words(language);
    this.rules = rules;
    this.titles = [];
  }

  /** Goes on until a title fits `end`. Fails when a screen does not change any more, and says what stands there. */
  async until(end, most = 120) {
    for (let screens = 0; screens < most; screens += 1) {
      await this.resident.rests();
      const told = await this.resident.told();
      const screen = await this.resident.reads();
      const title = titleOf(screen);
      if (end.test(title)) {
        await this.resident.picture();
        return;
      }
      this.titles.push(title);
      await this.act(title, screen, told);
    }
    throw new Error(`no end after ${most} screens; the last: ${this.titles.slice(-5).join(' → ')}`);
  }

  async act(title, screen, told) {
    const rule = this.rules.find(([pattern]) => pattern.test(title));
    if (rule) {
      await rule[1](this.resident, this.word);
      return;
    }
    await this.resident.picture();
    for (const key of LEAD_ON) {
      const name = new RegExp(`^${escape(this.word(key))}`);
      if (await stands(this.resident.button(name).first())) {
        await this.resident.goesOn(name);
        return;
      }
    }
    if (await this.resident.button(this.word('date.western')).count()) {
      await this.resident.dates(this.word, [1985, 6, 15]);
      return;
    }
    // With nothing to touch, the screen works and moves on by itself.
    await this.resident.changes(told, 'waiting', screen);
  }
}

/** Whether a button is there and can be touched; one that goes while we look is not. */
async function stands(button) {
  if ((await button.count()) === 0) return false;
  return button.isEnabled({ timeout: 500 }).catch(() => false);
}

/** Types on a pad, key by key, and goes on. */
export const types = (keys) => async (resident, word) => {
  await resident.types(keys);
  await resident.picture();
  await resident.goesOn(word('button.next'));
};

/** Touches one choice, which leads on by itself. */
export const chooses = (name) => async (resident) => {
  await resident.picture();
  await resident.goesOn(name);
};

/** Touches one choice and then what leads on. */
export const picks = (name) => async (resident, word) => {
  await resident.taps(name);
  await resident.picture();
  await resident.goesOn(word('button.next'));
};

export const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
