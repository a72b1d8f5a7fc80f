// `make console`: the town hall's console with the demo town's register, until Ctrl-C. No card reader, printer or kiosk.
import { join } from 'node:path';
import { totp } from './staff.mjs';
import { ROOT, Stack } from './stack.mjs';

const stack = new Stack(join(ROOT, 'target/console'), { ports: { cloud: 8080, core: 8090 } });
async function end(code) {
  await stack.stop();
  process.exit(code);
}
process.on('SIGINT', () => end(0));
process.on('SIGTERM', () => end(0));

/** A code works for half a minute, so it is shown when somebody asks. */
function showPeople() {
  for (const { login, password, secret, what } of stack.staff) {
    console.log(`    ${login.padEnd(6)} ${password}   ${totp(secret)}   ${what}`);
  }
}

try {
  await stack.ports();
  stack.prepare();
  await stack.startCloud();
  console.log(`
  職員の画面  console  ${stack.addresses.console}console/990019

  Log-in, password, code. Enter shows the codes again, Ctrl-C ends.
`);
  showPeople();
  process.stdin.on('data', showPeople);
} catch (error) {
  console.error(error.message);
  await end(1);
}
