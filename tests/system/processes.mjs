// Starts and ends the programs of a running Genkan. Ends only what it started, by process id.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { once } from 'node:events';

/** A port on loopback that nobody listens on now. */
export async function freePort() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Answers true as soon as something accepts connections there. */
function accepts(target) {
  return new Promise((resolve) => {
    const socket = createConnection(target);
    socket.once('connect', () => { socket.destroy(); resolve(true); });
    socket.once('error', () => resolve(false));
  });
}

/** Polls until `check` is true; fails with what is missing, and with the program's last words, after `seconds`. */
export async function until(what, check, seconds = 60, words = () => '') {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    if (await check()) return;
    await new Promise((next) => setTimeout(next, 50));
  }
  throw new Error(`${what} did not come within ${seconds} s\n${words()}`);
}

export const listening = (port) => () => accepts({ port, host: '127.0.0.1' });
export const listeningAt = (path) => () => accepts({ path });

/** The programs of one stack, ended in reverse order. */
export class Processes {
  constructor(logs) {
    this.logs = logs;
    this.running = [];
  }

  /** Starts a program in a process group of its own; its output goes to `<logs>/<name>.log`. */
  start(name, command, args, { env = {}, cwd } = {}) {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const log = createWriteStream(`${this.logs}/${name}.log`);
    const part = { name, child, tail: '', ended: null };
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (bytes) => {
        log.write(bytes);
        part.tail = (part.tail + bytes).slice(-4000);
      });
    }
    child.once('error', (error) => { part.tail += String(error); part.ended = error; });
    child.once('exit', (code, signal) => { part.ended = signal ?? code; });
    this.running.push(part);
    return part;
  }

  /** Waits until the part answers; says at once when it ended instead. */
  async ready(part, check, seconds = 60) {
    await until(part.name, async () => {
      if (part.ended !== null) throw new Error(`${part.name} ended (${part.ended}):\n${part.tail}`);
      return check();
    }, seconds, () => part.tail);
  }

  /** Ends one part and waits until it is gone. */
  async stop(part) {
    this.running = this.running.filter((other) => other !== part);
    if (part.ended !== null) return;
    const gone = once(part.child, 'exit');
    signalGroup(part.child.pid, 'SIGTERM');
    const hard = setTimeout(() => signalGroup(part.child.pid, 'SIGKILL'), 5000);
    await gone;
    clearTimeout(hard);
    signalGroup(part.child.pid, 'SIGKILL'); // what the group's leader left behind
  }

  async stopAll() {
    for (const part of [...this.running].reverse()) await this.stop(part);
  }
}

function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
