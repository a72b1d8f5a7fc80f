// The words on the screen, by their keys in assets/words, so that a test in any language finds a button as a resident does.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './stack.mjs';

/** key → text as a screen reader hears it: furigana left out, line breaks as spaces. */
export function words(language) {
  const found = new Map();
  for (const folder of ['assets/words', 'assets/words/ui']) {
    let section = '';
    for (const line of readFileSync(join(ROOT, folder, `${language}.toml`), 'utf8').split('\n')) {
      const head = line.match(/^\[([\w.-]+)\]/);
      if (head) section = head[1];
      const pair = line.match(/^([\w.-]+)\s*=\s*("(?:[^"\\]|\\.)*")/);
      if (pair) found.set(section ? `${section}.${pair[1]}` : pair[1], plain(JSON.parse(pair[2])));
    }
  }
  return (key) => {
    if (!found.has(key)) throw new Error(`assets/words/${language}.toml has no ${key}`);
    return found.get(key);
  };
}

// A title's line break is a space after a Latin letter and nothing in Japanese, as in kiosk/ui.
const plain = (text) => text
  .replace(/\{([^{}|]+)\|[^{}|]+\}/g, '$1')
  .replace(/([\x21-\x7e])\n/g, '$1 ')
  .replace(/\n/g, '')
  .replace(/ +/g, ' ')
  .trim();
