/**
 * Whether a program has begun to listen.
 * @module
 */

/** Whether something listens on a port of 127.0.0.1. */
export async function isListening(port: number): Promise<boolean> {
  try {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    // Where most ports are taken, the kernel may choose this very one for the client, which is then connected to itself.
    return (connection.localAddr as Deno.NetAddr).port !== port;
  } catch {
    return false; // refused, reset or broken: nothing that has begun to listen
  }
}
