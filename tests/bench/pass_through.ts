/**
 * The floor: a proxy that does nothing but pass a request on, its bodies untouched both ways. What any proxy on `Deno.serve` and
 * `fetch` costs; see main.ts. Arguments: the port to listen on, and the backend's origin.
 * @module
 */

const [port, backend] = Deno.args;
const client = Deno.createHttpClient({ http1: true, http2: false, poolMaxIdlePerHost: 2000 });

Deno.serve(
  { hostname: "127.0.0.1", port: Number(port), automaticCompression: false, onListen: () => {} },
  ({ method, url, headers, body }) =>
    fetch(`${backend}${url.slice(url.indexOf("/", "https://".length))}`, {
      client,
      method,
      headers,
      // `fetch` sends a body that is there but empty as chunked.
      body: headers.has("content-length") ? body : null,
      redirect: "manual",
    }),
);
