/**
 * What was set for one user; where nothing was, users share alike.
 * @module
 */

/** `limits`; `undefined`: not set. */
export interface UserLimits {
  readonly concurrentRequestsMax: number | undefined;
  readonly requestsPerSecond: number | undefined;
  /** Requests at once after a time of rest. */
  readonly requestsBurst: number | undefined;
  readonly bytesInPerSecond: number | undefined;
  readonly bytesOutPerSecond: number | undefined;
}

/** Nothing is set. */
export const NO_LIMITS: UserLimits = {
  concurrentRequestsMax: undefined,
  requestsPerSecond: undefined,
  requestsBurst: undefined,
  bytesInPerSecond: undefined,
  bytesOutPerSecond: undefined,
};

/** `own`, and for each limit that `own` leaves open the least of `others`. */
export function mergeLimits(
  own: UserLimits,
  others: readonly (UserLimits | undefined)[],
): UserLimits {
  const least = (name: keyof UserLimits): number | undefined => {
    const set = others.map((limits) => limits?.[name]).filter((limit) => limit !== undefined);
    return own[name] ?? (set.length === 0 ? undefined : Math.min(...set));
  };
  if (others.every((limits) => limits === undefined || limits === NO_LIMITS)) return own;
  return {
    concurrentRequestsMax: least("concurrentRequestsMax"),
    requestsPerSecond: least("requestsPerSecond"),
    // A burst belongs to its rate.
    requestsBurst: own.requestsPerSecond === undefined ? least("requestsBurst") : own.requestsBurst,
    bytesInPerSecond: least("bytesInPerSecond"),
    bytesOutPerSecond: least("bytesOutPerSecond"),
  };
}
