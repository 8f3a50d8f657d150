/**
 * A worker of the proxy that a request can break: what no request can do to the real one.
 * @module
 */

import "../../../src/server/worker.ts";

const send = globalThis.fetch;
globalThis.fetch = (input, init) => {
  const url = String(input);
  if (url.endsWith("/break-throw")) setTimeout(() => fail());
  if (url.endsWith("/break-reject")) void Promise.reject(new Error("rejected on purpose"));
  if (url.endsWith("/break-hang")) { for (;;); }
  return send(input, init);
};

function fail(): never {
  throw new Error("thrown on purpose");
}
