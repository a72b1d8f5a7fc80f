// `make pictures`: the pictures of README.md, out of a played visit.
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './stack.mjs';

execFileSync(process.execPath, [join(import.meta.dirname, 'visit.mjs')], { stdio: 'inherit' });

const visit = join(ROOT, 'target/visit');
const out = join(ROOT, 'docs/pictures');
mkdirSync(out, { recursive: true });

const first = (folder, pattern) => {
  const name = readdirSync(join(visit, folder)).sort().find((file) => pattern.test(file));
  if (!name) throw new Error(`target/visit/${folder} has no ${pattern}`);
  return join(visit, folder, name);
};
const screens = {
  welcome: /welcome/, events: /いらっしゃいましたか/, pin: /暗証番号/, plan: /必要な手続き/, entry: /番地/, review: /内容をお確かめ/,
};
for (const [name, pattern] of Object.entries(screens)) copyFileSync(first('screens', pattern), join(out, `${name}.png`));
copyFileSync(first('receipt', /png$/), join(out, 'receipt.png'));
copyFileSync(first('cloud', /png$/), join(out, 'console.png'));
execFileSync('pdftoppm', ['-r', '90', '-png', '-singlefile', first('forms', /^1-.*pdf$/), join(out, 'form')]);

// The console, out of the counter's day.
const day = join(ROOT, 'target/counter');
execFileSync(process.execPath, ['--test', join(import.meta.dirname, 'counter.test.mjs')], { stdio: 'inherit', env: { ...process.env, GENKAN_PICTURES: day } });
for (const name of ['inbox', 'correcting', 'people', 'trail', 'tablet-inbox']) {
  const file = readdirSync(day).sort().find((one) => one.endsWith(`-${name}.png`));
  copyFileSync(join(day, file), join(out, `console-${name}.png`));
}
