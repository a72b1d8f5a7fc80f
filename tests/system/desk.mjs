// The demo desk: what stands around a kiosk in a lobby and isn't on its screen. Cards to lay on the reader, the paper that
// comes out, and the faults a printer can have. A page on loopback; the kiosk knows nothing of it.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { mkdir, readFile, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { totp } from './staff.mjs';

const run = promisify(execFile);

/** Everything printed so far, newest first: receipts as the virtual printer kept them, forms as pages of their PDFs. */
export async function papers({ receipts, forms, pages }) {
  const found = [];
  for (const name of await list(receipts, '.png')) found.push(await paper('receipt', receipts, name));
  for (const name of await list(forms, '.pdf')) {
    for (const page of await pagesOf(join(forms, name), pages)) found.push(await paper('form', pages, page, name));
  }
  return found.sort((a, b) => b.at - a.at);
}

async function list(folder, ending) {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith(ending)).sort();
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

async function paper(kind, folder, name, pdf) {
  return { kind, name, pdf, at: (await stat(join(folder, name))).mtimeMs };
}

/** PNG pages of a PDF, made once. */
async function pagesOf(pdf, folder) {
  await mkdir(folder, { recursive: true });
  const stem = basename(pdf, '.pdf');
  const made = () => list(folder, '.png').then((all) => all.filter((name) => name.startsWith(`${stem}-p`)));
  if ((await made()).length === 0) {
    try {
      await run('pdftoppm', ['-r', '96', '-png', pdf, join(folder, `${stem}-p`)]);
    } catch {
      return []; // still being written: the next look finds it whole
    }
  }
  return made();
}

/** What each member of staff types at this moment. */
const staffOf = (stack) => (stack.staff ?? []).map(({ login, name, what, password, secret }) => ({ login, name, what, password, code: totp(secret) }));

const PAGE = new URL('./desk.html', import.meta.url);
const SAFE = /^[\w.\-]+$/;

/**
 * Serves the desk. `stack.card(line)` and `stack.receiptPrinter(line)` send a line to the simulators' control sockets;
 * `stack.cards` is `[{name, pin, shows}]`; `stack.places` names the folders of paper.
 */
export async function serveDesk(stack, port = 0) {
  const routes = {
    'GET /': async () => ['text/html; charset=utf-8', await readFile(PAGE)],
    'GET /state': async () => [
      'application/json',
      JSON.stringify({ cards: stack.cards, staff: staffOf(stack), papers: await papers(stack.places), kiosk: stack.addresses.kiosk }),
    ],
    'POST /card': async (body) => ['text/plain', await stack.card(body.line)],
    'POST /receipt-printer': async (body) => ['text/plain', await stack.receiptPrinter(body.line)],
  };
  const server = createServer(async (request, response) => {
    try {
      const route = routes[`${request.method} ${request.url}`];
      const [type, bytes] = route ? await route(await body(request)) : await file(request.url, stack.places);
      response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(bytes);
    } catch (error) {
      response.writeHead(error.code === 'ENOENT' ? 404 : 400, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(String(error.message));
    }
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { address: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

async function body(request) {
  if (request.method !== 'POST') return {};
  let text = '';
  for await (const part of request) {
    text += part;
    if (text.length > 4096) throw new Error('too long');
  }
  return JSON.parse(text);
}

async function file(url, places) {
  const [, kind, name] = url.split('/');
  const folder = { receipt: places.receipts, form: places.pages, pdf: places.forms }[kind];
  if (!folder || !SAFE.test(name ?? '')) throw Object.assign(new Error('no such page'), { code: 'ENOENT' });
  return [name.endsWith('.pdf') ? 'application/pdf' : 'image/png', await readFile(join(folder, name))];
}
