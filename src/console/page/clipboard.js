// @ts-check
/**
 * Copies a text.
 * @module
 */

import { notify, notifyFailure } from "./notices.js";

/**
 * @param {string} text
 * @param {string} what "The link"
 */
export async function copyText(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    notify(`${what} is copied`);
  } catch (error) {
    notifyFailure("Copying", error);
  }
}
