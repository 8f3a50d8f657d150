// @ts-check
/**
 * Asks again and again while a view is open and the page is in sight.
 * @module
 */

/** @param {{signal: AbortSignal, milliseconds: number, ask: () => Promise<void>}} options */
export async function pollWhile({ signal, milliseconds, ask }) {
  while (!signal.aborted) {
    if (!document.hidden) await ask();
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
  }
}
