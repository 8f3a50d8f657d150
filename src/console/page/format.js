// @ts-check
/**
 * Numbers, sizes and times as the browser's locale writes them.
 * @module
 */

const number = new Intl.NumberFormat();
const short = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** @param {number} value */
export function formatNumber(value) {
  return number.format(value);
}

/**
 * A size in powers of 1024.
 *
 * @param {number} bytes
 */
export function formatBytes(bytes) {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${short.format(value)} ${UNITS[unit]}`;
}

/** @param {number} bytesPerSecond */
export function formatSpeed(bytesPerSecond) {
  return `${formatBytes(bytesPerSecond)}/s`;
}

/** @param {Date | string | number | null | undefined} time */
export function formatTime(time) {
  const date = parseTime(time);
  return date === undefined ? "—" : moment.format(date);
}

/** @param {Date | string | number | null | undefined} time */
export function formatClock(time) {
  const date = parseTime(time);
  return date === undefined ? "—" : clock.format(date);
}

const SPANS = /** @type {const} */ ([["day", 86_400], ["hour", 3600], ["minute", 60]]);

/**
 * How far away a moment is, as "3 days ago".
 *
 * @param {Date | string | number | null | undefined} time
 */
export function formatAgo(time) {
  const date = parseTime(time);
  if (date === undefined) return "never";
  const seconds = (date.getTime() - Date.now()) / 1000;
  for (const [unit, length] of SPANS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.round(seconds / length), unit);
  }
  return relative.format(Math.round(seconds), "second");
}

/**
 * A span of time in its two largest units.
 *
 * @param {number} seconds
 */
export function formatSeconds(seconds) {
  if (!Number.isFinite(seconds)) return "—";
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 172_800) return `${Math.floor(whole / 3600)} h ${Math.floor(whole % 3600 / 60)} min`;
  return `${Math.floor(whole / 86_400)} days`;
}

/** @param {number} milliseconds */
export function formatMilliseconds(milliseconds) {
  return `${short.format(milliseconds)} ms`;
}

/**
 * @param {Date | string | number | null | undefined} time
 * @returns {Date | undefined}
 */
function parseTime(time) {
  if (time === null || time === undefined || time === "") return undefined;
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
