// A whole visit on the image in a virtual machine. A twin, the same kiosk on this machine with a town of its own, is played by the
// browser as in `make visit`; every finger on its screen is repeated on the machine's, and before each touch both screens must show
// the same picture. What the machine printed, and what its cloud received, is then looked at.
import { appendFileSync, cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { ROOT, Stack, control } from './stack.mjs';
import { listeningAt } from './processes.mjs';
import { Resident, openBrowser } from './resident.mjs';
import { applicationPage, logsKnowNobody, printedForms, printedReceipts } from './evidence.mjs';
import { Machine } from './machine.mjs';
import { leave, moveInWithCard, reception } from './visits.mjs';

const out = join(ROOT, 'target/image/visit');
const PROGRAMS = join(ROOT, 'target/debug');

/** An emulated machine is slow: nobody is asked whether they are still there meanwhile. */
const PATIENT = '\n[visit]\nwarn_after = 900\npatience = 600\nprint_patience = 900\n';

class Twin extends Stack {
  prepare() {
    super.prepare();
    appendFileSync(this.at('town/settings/kiosk.toml'), PATIENT);
  }
}

/** A town whose kiosk is the image. */
class ImageStack extends Stack {
  prepare() {
    super.prepare(['--host-from-image', '10.0.2.2']);
    appendFileSync(this.at('town/settings/kiosk-image.toml'), PATIENT);
    const [town, to] = [this.at('town'), this.at('provision')];
    for (const name of ['tls/kiosk-1.pem', 'tls/kiosk-1.key', 'tls/authority.pem', 'trust', 'tenant/sealing.json']) {
      cpSync(join(town, name), join(to, name), { recursive: true });
    }
    cpSync(join(town, 'settings/kiosk-image.toml'), join(to, 'settings/kiosk.toml'));
  }

  async startReader() {} // it is in the machine

  async startKiosk() {
    const reader = this.at('ccid.sock');
    const devices = ['-device', 'qemu-xhci', '-device', 'usb-ccid,id=ccid', '-chardev', `socket,id=card,path=${reader},server=on,wait=off`,
      '-device', 'ccid-card-passthru,chardev=card,bus=ccid.0', '-chardev', `socket,id=receipts,host=127.0.0.1,port=${this.port.receipt}`,
      '-device', 'usb-serial,chardev=receipts'];
    const started = Machine.start(this.processes, join(PROGRAMS, 'firmware-image'), this.at('board'), this.at('provision'), devices);
    const socket = this.at('card.sock');
    const hand = this.processes.start('card', join(PROGRAMS, 'card-simulator'),
      ['--profiles', this.at('town/cards'), '--control', socket, '--vscard', reader]);
    await this.processes.ready(hand, listeningAt(socket));
    this.card = (line) => control(socket, line);
    this.machine = await started;
  }
}

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, 'screens'), { recursive: true });
const [twin, town] = [new Twin(join(out, 'twin')), new ImageStack(join(out, 'town'))];
let browser;
try {
  const from = performance.now();
  const since = () => `${Math.round((performance.now() - from) / 1000)} s`;
  // Both to their end, even if one fails: what is still starting could not be stopped.
  for (const started of await Promise.allSettled([twin.start(), town.start()])) {
    if (started.status === 'rejected') throw started.reason;
  }
  console.log(`${since()}: the image is well, its twin runs`);
  const { machine } = town;
  browser = await openBrowser();
  const mirrored = {
    newPage: async (options) => {
      const page = await browser.newPage(options);
      await machine.mirrors(page);
      return page;
    },
  };
  const rests = Resident.prototype.rests;
  Resident.prototype.rests = async function both() {
    await rests.call(this);
    await machine.agrees(this.page);
  };
  const both = {
    addresses: twin.addresses,
    card: async (line) => { await Promise.all([twin.card(line), town.card(line)]); },
  };
  const journey = await moveInWithCard(mirrored, both, join(out, 'screens'));
  const number = await reception(journey.resident);
  await machine.picture('done');
  await leave(journey, both);
  await machine.picture('welcome-again');
  console.log(`${since()}: the visit is over, ${machine.compared} pictures were the same on both screens`);

  const page = await applicationPage(town, number);
  const forms = printedForms(town, number);
  const receipts = printedReceipts(town);
  assert.equal(receipts.length, 1, 'one receipt came through the USB serial line');
  assert.ok(forms.length >= 3, `${forms.length} forms were printed`);
  for (const form of forms) assert.match(form.text, /田中/, `${form.name} names the family`);
  for (const word of ['田中', '陽翔', 'さくら', '0221234567']) assert.ok(page.html.includes(word), `the application holds ${word}`);
  logsKnowNobody(town, ['田中', 'タナカ', '陽翔', '濡縁', '0221234567', '9999000']);
  console.log(`${since()}: application ${number} in the cloud, ${forms.length} forms, ${receipts.length} receipt`);
} finally {
  await browser?.close();
  await town.stop();
  await twin.stop();
}
