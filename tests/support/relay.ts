/**
 * A way to break a connection off below TLS.
 * @module
 */

/** Passes one connection on, and breaks it off as no TLS client does by itself: without a word. */
export async function startRelay(
  port: number,
): Promise<{ port: number; breakOff(): void } & Disposable> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const far = await Deno.connect({ hostname: "127.0.0.1", port });
  let near: Deno.TcpConn | undefined;
  const ignore = (): void => {}; // broken off
  const run = async (): Promise<void> => {
    near = await listener.accept();
    far.readable.pipeTo(near.writable).catch(ignore);
    near.readable.pipeTo(far.writable).catch(ignore);
  };
  run().catch(ignore);
  const close = (connection: Deno.TcpConn | undefined): void => {
    try {
      connection?.close();
    } catch {
      // its stream has closed it
    }
  };
  const breakOff = (): void => [far, near].forEach(close);
  return {
    port: listener.addr.port,
    breakOff,
    [Symbol.dispose]: () => {
      breakOff();
      listener.close();
    },
  };
}
