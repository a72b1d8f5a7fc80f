// `make api-fuzz`: every endpoint of the OpenAPI document asked with generated requests by schemathesis: no 5xx, no undocumented answer.
// The office listener as a person with every right and a machine client with every scope; the device listener as a kiosk.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientSecret, hire, logIn } from './staff.mjs';
import { ROOT, Stack, program } from './stack.mjs';

const TENANT = '990019';
const EXAMPLES = process.env.EXAMPLES ?? '30';
const folder = mkdtempSync(join(tmpdir(), 'genkan-api-fuzz-'));
const stack = new Stack(folder);
const schemathesis = join(ROOT, 'target/venv/bin/schemathesis');

const EVERYTHING = { login: 'everything', name: '全　権', roles: ['clerk', 'supervisor', 'catalogue_editor', 'auditor', 'fleet_manager', 'tenant_admin'] };

/** A machine client with every scope, registered on the console as an administrator does it. */
async function machine(cookie) {
  const see = (path, options = {}) => fetch(new URL(`console/${TENANT}/${path}`, stack.addresses.console), { redirect: 'manual', ...options, headers: { cookie } });
  const csrf = (await (await see('people')).text()).match(/name="csrf" value="([^"]+)"/)[1];
  const fields = new URLSearchParams([['csrf', csrf], ['name', 'fuzz'],
    ...['guidance', 'applications:read', 'applications:write', 'jobs', 'catalogue', 'events'].map((scope) => ['scope', scope])]);
  const [, address] = (await (await see('clients', { method: 'POST', body: fields })).text()).match(/<code>([^<]+)<\/code>/);
  const { id, secret } = await clientSecret(program('cloud-api'), stack.at('town/settings/cloud-api.toml'), TENANT, new URL(address, stack.addresses.console));
  const reply = await fetch(new URL(`v1/${TENANT}/oauth/token`, stack.addresses.console), {
    method: 'POST', body: new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret }),
  });
  return (await reply.json()).access_token;
}

/** Runs schemathesis; its own report goes to the terminal. Never synchronously: this process must read what the service logs. */
async function run(what, url, more) {
  console.log(`\n=== ${what}: ${url}`);
  const config = join(folder, 'schemathesis.toml');
  writeFileSync(config, `parameters = { tenant = "${TENANT}" }\n`);
  const child = spawn(schemathesis, ['--config-file', config, 'run', join(ROOT, 'cloud-api/openapi.json'), '--url', url,
    '--checks', 'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance',
    '--phases', process.env.PHASES ?? 'examples,coverage,fuzzing', '--max-examples', EXAMPLES, '--warnings', 'off', '--seed', '1',
    ...(process.env.ONLY ? ['--include-path', process.env.ONLY] : []), ...more], { stdio: 'inherit', cwd: folder });
  const [code] = await once(child, 'exit');
  return code === 0;
}

let held = false;
try {
  await stack.ports();
  stack.prepare();
  await stack.startCloud();
  const [person] = hire(program('cloud-api'), stack.at('fuzz-staff'), stack.at('town/settings/cloud-api.toml'), TENANT, [EVERYTHING]);
  const cookie = await logIn(stack.addresses.console, TENANT, person);
  const token = await machine(cookie);
  const devices = ['login', 'editions', 'kiosks', 'applications'];
  const office = await run('office', stack.addresses.console, ['-H', `Authorization: Bearer ${token}`, '-H', `Cookie: ${cookie}`,
    ...devices.flatMap((tag) => ['--exclude-tag', tag])]);
  const device = await run('devices', `https://127.0.0.1:${stack.port.device}`, ['--tls-verify', stack.at('town/tls/authority.pem'),
    '--request-cert', stack.at('town/tls/kiosk-1.pem'), '--request-cert-key', stack.at('town/tls/kiosk-1.key'),
    ...devices.flatMap((tag) => ['--include-tag', tag])]);
  held = office && device;
} catch (error) {
  console.error(error.stack);
} finally {
  await stack.stop();
  if (!process.env.GENKAN_KEEP) rmSync(folder, { recursive: true, force: true });
}
process.exit(held ? 0 : 1);
