/**
 * `s3-proxy check --backend`: what was found out about the backend, one line each.
 * @module
 */

import type { Finding } from "../upstream/finding.ts";

const LEVEL_WIDTH = 5;
const SUBJECT_WIDTH = 7;

/** The lines, and whether the backend can be used. */
export function formatFindings(
  findings: readonly Finding[],
): { lines: readonly string[]; usable: boolean } {
  const lines = findings.map(({ level, subject, setting, message }) => {
    const place = setting === undefined ? "" : `${setting}: `;
    return `${level.padEnd(LEVEL_WIDTH)}  ${subject.padEnd(SUBJECT_WIDTH)}  ${place}${message}`;
  });
  return { lines, usable: findings.every(({ level }) => level !== "error") };
}
