// The image in QEMU as another kiosk of a stack, and a hand that does on its screen whatever is done on a twin's.
import { createConnection } from 'node:net';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { until } from './processes.mjs';
import { ROOT } from './stack.mjs';
import { differing, readPng } from './png.mjs';

const SIZE = { width: 1080, height: 1920 };
const FULL = 32767;
/** Between the parts of a tap: an emulated machine needs time to notice each. */
const FINGER_MS = 250;

/** QEMU's own line. */
class Qmp {
  constructor(socket) {
    this.waiting = [];
    this.socket = socket;
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (part) => {
      text += part;
      const lines = text.split('\n');
      text = lines.pop();
      for (const line of lines.map((one) => JSON.parse(one))) {
        if ('return' in line || 'error' in line) this.waiting.shift()(line);
      }
    });
  }

  /** The line of a machine that listens, or nothing: the socket's file is there a moment earlier. */
  static async connect(path) {
    const socket = createConnection({ path });
    try {
      await once(socket, 'connect');
    } catch (error) {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') return null;
      throw error;
    }
    const qmp = new Qmp(socket);
    await qmp.ask('qmp_capabilities', {});
    return qmp;
  }

  async ask(execute, args) {
    const answer = await new Promise((done) => {
      this.waiting.push(done);
      this.socket.write(`${JSON.stringify({ execute, arguments: args })}\n`);
    });
    if (answer.error) throw new Error(`${execute}: ${answer.error.desc}`);
    return answer.return;
  }
}

export class Machine {
  constructor(folder, part, qmp) {
    Object.assign(this, { folder, part, qmp, hand: Promise.resolve(), pictures: 0, compared: 0 });
  }

  /** Starts a board and waits until its health check is content. */
  static async start(processes, program, folder, provision, devices, seconds = 600) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const part = processes.start('machine', program, ['run', '--board', folder, '--provision', provision, '--', ...devices], { cwd: ROOT });
    let qmp = null;
    await processes.ready(part, async () => {
      qmp = await Qmp.connect(`${folder}/qmp`);
      return qmp !== null;
    });
    const machine = new Machine(folder, part, qmp);
    await processes.ready(part, () => /slot=A version=\S+ well/.test(part.tail), seconds);
    return machine;
  }

  /** A finger: 'move', 'down' or 'up' at a point. In order, with time between. */
  finger(kind, x, y) {
    const abs = (axis, value, whole) => ({ type: 'abs', data: { axis, value: Math.round((value / whole) * FULL) } });
    const events = kind === 'move'
      ? [abs('x', x, SIZE.width), abs('y', y, SIZE.height)]
      : [{ type: 'btn', data: { down: kind === 'down', button: 'left' } }];
    this.hand = this.hand.then(async () => {
      await this.qmp.ask('input-send-event', { events });
      await new Promise((next) => setTimeout(next, FINGER_MS));
    });
  }

  async picture(name) {
    const file = `${this.folder}/${name}.png`;
    await this.qmp.ask('screendump', { filename: file, format: 'png', device: 'screen' });
    return file;
  }

  /** Does here what is done on the twin's page. */
  async mirrors(page) {
    await page.exposeBinding('genkanFinger', (_, kind, x, y) => {
      if (kind === 'down') this.finger('move', x, y);
      this.finger(kind, x, y);
    });
    await page.addInitScript(() => {
      let down = false;
      const tell = (kind) => (event) => {
        if (kind === 'move' && !down) return;
        if (kind !== 'move') down = kind === 'down';
        globalThis.genkanFinger(kind, event.clientX, event.clientY);
      };
      addEventListener('mousedown', tell('down'), true);
      addEventListener('mousemove', tell('move'), true);
      addEventListener('mouseup', tell('up'), true);
    });
  }

  /** Waits until this screen shows what the twin's does; the part of dots that still differ. */
  async agrees(page, seconds = 120) {
    await this.hand;
    this.pictures += 1;
    let apart = 1;
    let files = [];
    const here = async () => {
      const data = await page.evaluate(() => document.querySelector('canvas').toDataURL('image/png'));
      files = await this.picture('now');
      apart = differing(readPng(Buffer.from(data.split(',')[1], 'base64')), readPng(readFileSync(files)));
      return apart < 0.002;
    };
    await until('the same picture on both screens', here, seconds, () => `${(apart * 100).toFixed(2)} % of the dots differ; see ${files}`);
    this.compared += 1;
    return apart;
  }
}
