// People of the demo town's hall: made once for a folder, with passwords and second factors of their own.
import { createHmac, randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import assert from 'node:assert/strict';

export const PEOPLE = [
  { login: 'kubo', name: '久保　窓子', roles: ['clerk'], what: '窓口担当' },
  { login: 'seki', name: '関　主任', roles: ['supervisor'], what: '窓口責任者' },
  { login: 'kansa', name: '監物　査子', roles: ['auditor'], what: '監査担当' },
  { login: 'kanri', name: '菅　理', roles: ['tenant_admin', 'fleet_manager'], what: '自治体管理者' },
];

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

const base32 = (bytes) => {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return bits.match(/.{1,5}/g).map((five) => ALPHABET[parseInt(five.padEnd(5, '0'), 2)]).join('');
};

function bytesOf(secret) {
  const bits = [...secret].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

/** The six digits that an authenticator app shows at this moment (RFC 6238). */
export function totp(secret, now = Date.now()) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30000)));
  const mac = createHmac('sha1', bytesOf(secret)).update(counter).digest();
  const at = mac[mac.length - 1] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, '0');
}

/** Adds everybody to the cloud's database, once for a folder. */
export function hire(program, folder, settings, tenant, people = PEOPLE) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return people.map((person) => {
    const place = (ending) => join(folder, `${person.login}.${ending}`);
    if (!existsSync(place('password'))) {
      writeFileSync(place('password'), `${randomBytes(9).toString('base64url')}-genkan`, { mode: 0o600 });
      writeFileSync(place('totp'), base32(randomBytes(20)), { mode: 0o600 });
      execFileSync(program, ['staff', 'add', '--settings', settings, '--tenant', tenant, '--login', person.login, '--name', person.name,
        ...person.roles.flatMap((role) => ['--role', role]), '--password-file', place('password'), '--totp-file', place('totp')],
      { stdio: ['ignore', 'ignore', 'pipe'] });
    }
    return { ...person, password: readFileSync(place('password'), 'utf8'), secret: readFileSync(place('totp'), 'utf8') };
  });
}

/** A code works once: the next step's is waited for by asking for it ahead, which the service lets pass (one step of skew). */
const used = new Map();
export function freshCode(person) {
  const step = Math.floor(Date.now() / 30000);
  const next = Math.max(step, (used.get(person.login) ?? 0) + 1);
  assert.ok(next <= step + 1, `${person.login} logs in too often for one code a half minute`);
  used.set(person.login, next);
  return totp(person.secret, next * 30000);
}

/** Logs somebody in without a browser; gives the session's cookie. */
export async function logIn(console, tenant, person) {
  const post = async (path, fields, cookie = '') => {
    const reply = await fetch(new URL(`console/${tenant}/${path}`, console), {
      method: 'POST', redirect: 'manual', headers: { cookie }, body: new URLSearchParams(fields),
    });
    assert.equal(reply.status, 303, `${path}: ${reply.status}`);
    return reply.headers.get('set-cookie').split(';')[0];
  };
  const half = await post('log-in', { login: person.login, password: person.password });
  return post('code', { code: freshCode(person) }, half);
}

/** Fetches a machine client's secret as its people do, and confirms them as the operator of a town with one administrator does. */
export async function clientSecret(program, settings, tenant, address) {
  const page = await (await fetch(address, { method: 'POST' })).text();
  const [id, secret, , number] = [...page.matchAll(/<code>([^<]+)<\/code>/g)].map(([, text]) => text);
  execFileSync(program, ['clients', 'confirm', '--settings', settings, '--tenant', tenant, '--client', id, '--confirmation-number', number],
    { stdio: ['ignore', 'ignore', 'pipe'] });
  return { id, secret };
}
