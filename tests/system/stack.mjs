// A whole Genkan on loopback: real pcscd with the card simulator, virtual receipt printer, ippeveprinter, core system, cloud, kiosk.
// One folder holds everything of one stack, so that several can run side by side.
import { execFileSync } from 'node:child_process';
import { createConnection } from 'node:net';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Processes, freePort, listening } from './processes.mjs';
import { hire, logIn } from './staff.mjs';

export const ROOT = resolve(import.meta.dirname, '../..');
const PROGRAMS = resolve(process.env.GENKAN_PROGRAMS ?? join(ROOT, 'target/debug'));
// Without it every page works, but lists do not renew themselves.
const HTMX = join(import.meta.dirname, 'node_modules/htmx.org/dist/htmx.min.js');
const SCRIPTS = join(ROOT, 'kiosk/devices/scripts');
export const program = (name) => join(PROGRAMS, name);

/** One request to a simulator's control socket; the answer's lines, or an error that names the request. */
export function control(path, line, seconds = 10) {
  return new Promise((done, failed) => {
    const socket = createConnection({ path });
    let text = '';
    const late = setTimeout(() => socket.destroy(new Error(`no answer to "${line}"`)), seconds * 1000);
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(`${line}\n`));
    socket.on('error', failed);
    socket.on('close', () => clearTimeout(late));
    socket.on('data', (part) => {
      text += part;
      const lines = text.trimEnd().split('\n');
      const last = lines.at(-1);
      if (!text.endsWith('\n') || !(last === 'ok' || last.startsWith('error'))) return;
      socket.end();
      if (last === 'ok') done(lines.slice(0, -1).join('\n'));
      else failed(new Error(`${line}: ${last}`));
    });
  });
}

export class Stack {
  /** `settings(stack)` gives more of the cloud's settings, e.g. an OpenID provider or another town; `says(what)` hears what is being started. */
  constructor(folder, { ports = {}, database, settings = () => '', says = () => {} } = {}) {
    this.folder = resolve(folder);
    this.wanted = ports;
    this.database = database;
    this.moreSettings = settings;
    this.says = says;
    this.at = (...names) => join(this.folder, ...names);
    this.places = { receipts: this.at('printed/receipts'), forms: this.at('form-printer/printed'), pages: this.at('printed/pages') };
    for (const path of [this.at('logs'), ...Object.values(this.places)]) mkdirSync(path, { recursive: true });
    this.processes = new Processes(this.at('logs'));
  }

  async ports() {
    const names = ['screen', 'cloud', 'device', 'core', 'receipt', 'form'];
    this.port = Object.fromEntries(await Promise.all(names.map(async (name) => [name, this.wanted[name] ?? (await freePort())])));
    this.addresses = { kiosk: `http://127.0.0.1:${this.port.screen}/`, console: `http://127.0.0.1:${this.port.cloud}/` };
  }

  /** Keys, certificates, cards, settings: made once for a folder, never overwritten. */
  prepare(more = []) {
    const here = (name) => `127.0.0.1:${this.port[name]}`;
    const places = [
      '--cloud-listen', here('cloud'), '--device-listen', here('device'), '--core-listen', here('core'),
      '--screen-listen', here('screen'), '--receipt-printer', here('receipt'),
      '--form-printer', `http://${here('form')}/ipp/print`,
      '--assets', join(ROOT, 'assets'), '--postal-codes', join(ROOT, 'target/data/postal.tsv'),
      ...(existsSync(HTMX) ? ['--htmx', HTMX] : []),
      ...(this.database ? ['--database', this.database] : []),
      ...more,
    ];
    execFileSync(program('demo-town'), ['prepare', '--out', this.at('town'), ...places], { stdio: ['ignore', 'ignore', 'inherit'] });
    appendFileSync(this.at('town/settings/cloud-api.toml'), this.moreSettings(this));
    this.staff = hire(program('cloud-api'), this.at('town/staff'), this.at('town/settings/cloud-api.toml'), '990019');
    this.cards = readCards(execFileSync(program('demo-town'), ['cards', '--json'], { encoding: 'utf8' }));
  }

  /** Starts every part and waits until each answers. `without` leaves parts out: {cloud: true}. */
  async start({ without = {} } = {}) {
    await this.ports();
    this.says('the demo town: keys, certificates, cards, people');
    this.prepare();
    this.says('card reader, receipt printer, form printer, core system and cloud');
    const devices = [this.startReader(), this.startReceiptPrinter(), this.startFormPrinter()];
    if (!without.cloud) await this.startCloud();
    await Promise.all(devices);
    this.says('the kiosk');
    await this.startKiosk();
    return this;
  }

  async startReader() {
    const folder = this.at('reader');
    mkdirSync(folder, { recursive: true });
    const part = this.processes.start('reader', join(SCRIPTS, 'with-vpcd.sh'),
      [folder, this.at('town/cards'), program('card-simulator')]);
    await this.processes.ready(part, () => part.tail.includes('ready'));
    this.card = (line) => control(join(folder, 'card.sock'), line);
    this.reader = { PCSCLITE_CSOCK_NAME: join(folder, 'pcscd.comm') };
  }

  async startReceiptPrinter() {
    const socket = this.at('receipt-printer.sock');
    const part = this.processes.start('receipt-printer', program('virtual-receipt-printer'),
      ['--listen', `127.0.0.1:${this.port.receipt}`, '--out', this.places.receipts, '--control', socket]);
    await this.processes.ready(part, listening(this.port.receipt));
    this.receiptPrinter = (line) => control(socket, line);
  }

  async startFormPrinter() {
    const part = this.processes.start('form-printer', join(SCRIPTS, 'with-ippeveprinter.sh'),
      [this.at('form-printer'), String(this.port.form), program('namespace-door')]);
    await this.processes.ready(part, () => part.tail.includes('ready'));
    this.formPrinter = part;
  }

  async startCloud() {
    this.core = this.processes.start('core-system', program('demo-town'),
      ['core-system', '--listen', `127.0.0.1:${this.port.core}`, '--token-file', this.at('town/core-system/token'), '--allow-faults']);
    await this.processes.ready(this.core, listening(this.port.core));
    this.cloud = this.processes.start('cloud-api', program('cloud-api'), ['serve', '--settings', this.at('town/settings/cloud-api.toml')]);
    await this.processes.ready(this.cloud, listening(this.port.cloud));
  }

  person(login) {
    return this.staff.find((one) => one.login === login);
  }

  async session(login) {
    this.sessions ??= new Map();
    if (!this.sessions.has(login)) this.sessions.set(login, await logIn(this.addresses.console, '990019', this.person(login)));
    return this.sessions.get(login);
  }

  /** A member of staff's session, for a browser. */
  async cookie(login = 'seki') {
    const [name, value] = (await this.session(login)).split('=');
    return { name, value, url: new URL('console/990019', this.addresses.console).href };
  }

  /** Reads a page of the console as a member of staff. */
  async asStaff(login = 'seki') {
    const cookie = await this.session(login);
    return (place, options = {}) => fetch(place, { redirect: 'manual', ...options, headers: { ...options.headers, cookie } });
  }

  async startKiosk() {
    this.kiosk = this.processes.start('kiosk', program('kiosk'), ['run', '--settings', this.at('town/settings/kiosk.toml')],
      { env: { ...this.reader } });
    await this.processes.ready(this.kiosk, listening(this.port.screen));
  }

  /** A kiosk as after power-on, with an empty reader. */
  async freshKiosk() {
    await this.card('remove').catch(() => {}); // there may be none
    await this.receiptPrinter('paper ok');
    await this.processes.stop(this.kiosk);
    await this.startKiosk();
  }

  /** What is wrong with the core system from now on: `none`, `down`, `slow` or `garbage`. */
  async coreFault(mode) {
    const reply = await fetch(`http://127.0.0.1:${this.port.core}/demo/faults`, { method: 'POST', body: JSON.stringify({ mode }) });
    if (reply.status !== 200) throw new Error(`fault ${mode}: status ${reply.status}`);
  }

  /** Cuts the cloud and the core system off. */
  async cutCloud() {
    await this.processes.stop(this.cloud);
    await this.processes.stop(this.core);
  }

  /** What the program wrote so far; for an error message and for the search for people in logs. */
  log(name) {
    return readFileSync(this.at('logs', `${name}.log`), 'utf8');
  }

  async stop() {
    await this.processes.stopAll();
  }
}

function readCards(text) {
  const cards = JSON.parse(text);
  if (!Array.isArray(cards) || cards.length === 0) throw new Error('demo-town cards --json printed no cards');
  return cards;
}
