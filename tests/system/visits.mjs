// The visits that are played: by `make visit`, by the tests, and for the pictures.
import { Journey, chooses, escape, types } from './journey.mjs';
import { Resident } from './resident.mjs';
import { words } from './words.mjs';

const begins = (text) => new RegExp(`^${escape(text)}`);

/** Goes to the kiosk and begins in a language. */
export async function arrive(browser, stack, language, pictures) {
  const resident = await Resident.at(browser, stack.addresses.kiosk, pictures);
  const journey = new Journey(resident, language, []);
  const { word } = journey;
  await resident.chooses(word('ui.language-name'));
  await resident.button(word('ui.begin')).waitFor();
  await resident.picture('welcome');
  await resident.goesOn(word('ui.begin'));
  return journey;
}

/** Lays a card on the reader and enters its PIN. */
export async function useCard(journey, stack, name, pin) {
  const { resident, word } = journey;
  await resident.sees(begins(word('card.offer.title')));
  await resident.goesOn(begins(word('card.offer.use')));
  await resident.sees(begins(word('card.place.title')));
  await stack.card(`insert ${name}`);
  await resident.sees(begins(word('card.pin.title')));
  await resident.types(pin);
  await resident.goesOn(word('button.ok'));
}

/** From "take your card" to the welcome screen. */
export async function leave(journey, stack) {
  const { resident, word } = journey;
  await resident.goesOn(word('done.finish'));
  await resident.picture();
  await stack.card('remove').catch(() => {}); // a visit without a card leaves none behind
  await journey.until(begins(words('ja')('ui.welcome-title'))); // the next resident finds the first language
}

/** The reception number (受付番号) on the last screen. */
export async function reception(resident) {
  const screen = await resident.reads();
  const number = screen.match(/\b\d{2}-\d{6}-\d{4}-[\dX]\b/)?.[0];
  if (!number) throw new Error(`no reception number on the screen:\n${screen}`);
  return number;
}

/** 転入: a family of four has moved in; the father has his card. Every value is really entered. */
export async function moveInWithCard(browser, stack, pictures) {
  const journey = await arrive(browser, stack, 'ja', pictures);
  const { word } = journey;
  journey.rules = [
    [begins(word('choose.title')), chooses(/^引っ越してきた/)],
    [/これからの健康保険/, chooses('国民健康保険')],
    [/郵便番号/, postalCode('9800811', /一番町/)],
    [/^新しい住所の番地/, types(['英数字', '1', '-', '2', '-', '3'])],
    [/^新しい住所の(建物|方書)/, chooses(begins(word('entry.later.counter')))],
    [/^手続きをするあなたは/, chooses('本人')],
    [/電話番号/, types('0221234567')],
    [/^あなたのお仕事/, chooses('会社員')],
    [/加入している年金/, chooses(/^厚生年金/)],
    [/お子さんの健康保険/, chooses(/^国民健康保険/)],
    [/一緒に住んでいますか/, chooses(/同居/)],
    [/^署名をお願いします/, signs],
  ];
  await journey.until(begins(word('card.offer.title')));
  await useCard(journey, stack, 'tanaka-family', '1234');
  await journey.until(begins(word('done.title')));
  return journey;
}

/** 証明書: a copy of the resident record; `whose` acts when the household has come and the screen asks for whom. */
export async function certificateWithCard(browser, stack, card, whose) {
  const journey = await arrive(browser, stack, 'ja');
  const { word } = journey;
  journey.rules = [
    [begins(word('choose.title')), chooses(/^証明書がほしい/)],
    [/^どなたの手続きですか/, whose],
  ];
  await journey.until(begins(word('card.offer.title')));
  await useCard(journey, stack, card, '1234');
  await journey.until(begins(word('done.title')));
  return journey;
}

/** A visit that answers as most people would, in any language, without a card. */
export async function withoutCard(browser, stack, language, event, pictures) {
  const journey = await arrive(browser, stack, language, pictures);
  const { word } = journey;
  journey.rules = [
    [begins(word('choose.title')), chooses(event)],
    [begins(word('card.offer.title')), chooses(begins(word('card.offer.without')))],
  ];
  await journey.until(begins(word('done.title')));
  return journey;
}

const postalCode = (digits, town) => async (resident, word) => {
  await resident.types(digits);
  await resident.button(town).first().waitFor();
  await resident.picture();
  await resident.goesOn(town);
};

/** Draws a signature with the finger. */
async function signs(resident, word) {
  const box = await resident.page.getByRole('img').last().boundingBox();
  const { mouse } = resident.page;
  for (const [from, over, to] of [[[0.2, 0.3], [0.3, 0.7], [0.4, 0.3]], [[0.5, 0.5], [0.6, 0.4], [0.8, 0.6]]]) {
    const at = ([x, y]) => [box.x + x * box.width, box.y + y * box.height];
    await mouse.move(...at(from));
    await mouse.down();
    await mouse.move(...at(over), { steps: 8 });
    await mouse.move(...at(to), { steps: 8 });
    await mouse.up();
  }
  await resident.button(word('sign.done')).and(resident.page.locator(':enabled')).waitFor();
  await resident.picture();
  await resident.goesOn(word('sign.done'));
}
