// A town's OpenID provider for tests: the npm package oidc-provider, with its own log-in pages.
import { once } from 'node:events';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

export const CLIENT = { id: 'genkan', secret: 'a-secret-for-tests-only-0123456789' };

/** Listens on loopback; knows everybody, by the name that they type. `callback` is given once the console's address is known. */
export async function openIdProvider(callback) {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${server.address().port}`;
  let provider;
  server.on('request', (request, response) => {
    provider ??= new Provider(issuer, {
      clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [callback()] }],
      // The log-in name stands in the identity token, as common providers do.
      claims: { openid: ['sub'], profile: ['preferred_username'] },
      conformIdTokenClaims: false,
      findAccount: (_, login) => ({ accountId: login, claims: () => ({ sub: `subject-of-${login}`, preferred_username: login }) }),
      cookies: { keys: ['only for tests'] },
    });
    provider.callback()(request, response);
  });
  return { issuer, close: () => server.close() };
}
