/**
 * X6 X8: requests that nobody has proven yet have a bound together, and each address no more of it than it leaves free: one that
 * keeps STS's bodies back keeps no job, and no page, out.
 * @module
 */

import assert from "node:assert/strict";
import { testListeners } from "../support/proxy_under_test.ts";
import { connectRaw, type RawConnection } from "../support/raw_client.ts";
import { start } from "../support/sts_client.ts";

const SLOTS = 20;
const FLOODER = "2001:db8::";
const QUIET = "2001:db8:1::1";

testListeners("X6 who keeps STS waiting leaves slots to others", async (listener) => {
  await using proxy = await start({
    listener,
    sections: { server: { trusted_proxies: ["127.0.0.1"], max_in_flight_requests: SLOTS } },
  });
  const ask = (from: string): ReturnType<typeof proxy.sendRaw> =>
    proxy.sendRaw({
      method: "POST",
      target: "/?Action=GetCallerIdentity&Version=2011-06-15",
      headers: [["host", proxy.host], ["content-length", "0"], ["x-forwarded-for", from]],
    });
  const slow: RawConnection[] = [];
  for (let index = 0; index < 2 * SLOTS; index++) {
    const connection = await connectRaw(proxy.destination);
    slow.push(connection);
    const head = [
      "POST / HTTP/1.1",
      `Host: ${proxy.host}`,
      "Content-Type: application/x-www-form-urlencoded",
      "Content-Length: 10",
      `X-Forwarded-For: ${FLOODER}${index.toString(16)}`,
    ];
    await connection.write(`${head.join("\r\n")}\r\n\r\nAction`);
  }
  // Until they have been seen.
  while (!(await ask(`${FLOODER}ffff`)).text.includes("ServiceUnavailable"));
  for (let tries = 0; tries < 5; tries++) {
    const answer = await ask(QUIET);
    assert.match(answer.text, /MissingAuthenticationToken/);
  }
  const preflight = await proxy.sendRaw({
    method: "OPTIONS",
    target: "/artifacts/k",
    headers: [
      ["host", proxy.host],
      ["origin", "https://app.example"],
      ["access-control-request-method", "PUT"],
      ["x-forwarded-for", QUIET],
    ],
  });
  assert.notEqual(preflight.status, 503, preflight.text);
  for (const connection of slow) connection[Symbol.dispose]();
});
