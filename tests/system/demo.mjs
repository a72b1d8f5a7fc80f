// `make demo`: everything running until Ctrl-C.
import { join } from 'node:path';
import { serveDesk } from './desk.mjs';
import { ROOT, Stack } from './stack.mjs';

const stack = new Stack(join(ROOT, 'target/demo'), {
  ports: { screen: 8300, cloud: 8080, device: 8443, core: 8090, receipt: 9100, form: 8631 },
  says: (what) => console.log(`  ${what} …`),
});
let ending = false;
async function end(code) {
  if (ending) return;
  ending = true;
  await stack.stop();
  process.exit(code);
}
process.on('SIGINT', () => end(0));
process.on('SIGTERM', () => end(0));

try {
  await stack.start();
  const desk = await serveDesk(stack, 8310);
  console.log(`
  キオスクの画面   kiosk screen    ${stack.addresses.kiosk}
  職員の画面       console         ${stack.addresses.console}
  カードと印刷物   cards & paper   ${desk.address}

  Staff log in with these; the code of each stands on the third page:
${stack.staff.map((one) => `    ${one.login.padEnd(6)} ${one.password}   ${one.what}`).join('\n')}

  Lay a card on the reader and see the printed paper on the third page. Every demo card's PIN stands beside it.
  Keys, data and logs: ${stack.folder}
  Ctrl-C ends it.
`);
  for (const part of stack.processes.running) {
    part.child.once('exit', (code) => {
      if (ending) return;
      console.error(`${part.name} ended (${code}):\n${part.tail}`);
      end(1);
    });
  }
} catch (error) {
  console.error(error.message);
  await end(1);
}
