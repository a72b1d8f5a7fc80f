// One visit, played screen by screen: rules say what to do at a title; what no rule names is answered as most people would.
import { titleOf } from './resident.mjs';
import { words } from './words.mjs';

/** Buttons that lead on, most wanted first; `+` means: touch it and then the primary action. */
const LEAD_ON = ['question.nobody', 'review.right', 'plan.write', 'plan.print', 'sign.paper', 'forms.confirm.print', 'answer.no', 'count.none',
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
      const screen = await this.resident.reads();
      const title = titleOf(screen);
      if (end.test(title)) {
        await this.resident.picture();
        return;
      }
      this.titles.push(title);
      await this.act(title, screen);
    }
    throw new Error(`no end after ${most} screens; the last: ${this.titles.slice(-5).join(' → ')}`);
  }

  /** Clicks, unless the screen has moved on by itself meanwhile. */
  async clicks(button, screen) {
    try {
      await button.click({ timeout: 5000 });
    } catch (error) {
      if ((await this.resident.reads()) === screen) throw error;
    }
  }

  async act(title, screen) {
    const rule = this.rules.find(([pattern]) => pattern.test(title));
    if (rule) {
      await rule[1](this.resident, this.word);
      return;
    }
    await this.resident.picture();
    for (const key of LEAD_ON) {
      const button = this.resident.button(new RegExp(`^${escape(this.word(key))}`)).first();
      if (await stands(button)) {
        await this.clicks(button, screen);
        await this.resident.moves(screen, 6).catch(() => {}); // the next look taps again; `most` bounds it
        return;
      }
    }
    if (await this.resident.button(this.word('date.western')).count()) await this.resident.dates(this.word, [1985, 6, 15]);
    // With nothing to touch, the screen works and moves on by itself.
    await this.resident.moves(screen);
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
