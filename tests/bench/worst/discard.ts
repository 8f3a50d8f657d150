/**
 * What the runtime and the machine alone do to a quiet user: a program on plain sockets that answers 403 to whatever comes and reads
 * and drops what follows, and passes on only what is for `/quiet/`. It verifies nothing and paces nothing. Arguments: the port to listen
 * on, and the backend's.
 * @module
 */

const [port, backendPort] = Deno.args.map(Number);
const PIECE_BYTES = 64 * 1024;
const latin1 = new TextDecoder("latin1");
const REFUSAL = new TextEncoder().encode(
  "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
);
let backend: Deno.Conn | undefined;

for await (const client of Deno.listen({ hostname: "127.0.0.1", port: port ?? 0 })) {
  client.setNoDelay(true);
  serve(client).catch(() => {}).finally(() => client.close());
}

async function serve(client: Deno.Conn): Promise<void> {
  const piece = new Uint8Array(PIECE_BYTES);
  for (let read = await client.read(piece); read !== null; read = await client.read(piece)) {
    const head = latin1.decode(piece.subarray(0, read));
    if (!head.startsWith("GET /quiet/")) return await refuse(client, { piece, read, head });
    backend ??= await Deno.connect({ hostname: "127.0.0.1", port: backendPort ?? 0 });
    await backend.write(piece.subarray(0, read));
    await client.write(piece.subarray(0, await backend.read(piece) ?? 0));
  }
}

async function refuse(
  client: Deno.Conn,
  { piece, read, head }: { piece: Uint8Array; read: number; head: string },
): Promise<void> {
  await client.write(REFUSAL);
  const bytes = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
  for (let left = bytes - (read - head.indexOf("\r\n\r\n") - 4); left > 0;) {
    left -= await client.read(piece) ?? left;
  }
}
