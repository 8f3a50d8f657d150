/**
 * The places of all numbers in the memory that threads share.
 * @module
 */

import { LIMITS } from "../limits.ts";

/** What is counted. */
export const COLUMNS = {
  requests: 0,
  /** Requests that are not authenticated, and wait for something. */
  strangers: 1,
  connections: 2,
  connectionsWaiting: 3,
  /** No count: the turn of the one who is next in this thread's line for connections, or 0. */
  nextTurn: 4,
  /** No count: goes on with every request that the thread takes up. */
  beats: 5,
  /** Goes on: how often the backend refused the master key, or was not S3. */
  backendRefusals: 6,
} as const;

/** What is counted of each user, and of each address that has not said who it is. */
export type UserCount = keyof typeof USER_COUNTS;

/** Their order. */
export const USER_COUNTS = {
  requests: 0,
  connections: 1,
  connectionsWaiting: 2,
  uploads: 3,
  strangers: 4,
} as const;
/** Cells of a user in a row. */
export const USER_COUNTS_SIZE = 5;
/** In a row. */
export const USERS_AT = 7;
/** Of a row. */
export const ROW_CELLS = USERS_AT + LIMITS.userCells * USER_COUNTS_SIZE;

/** What is paced by name: a user's requests, and bytes in and out; requests for STS, identity tokens, requests to the console, buckets that strangers ask for. */
export const BUCKETS_OF_USER = 8;
/** Of all buckets, which come first. */
export const BUCKETS_BYTES = LIMITS.userCells * BUCKETS_OF_USER * BigInt64Array.BYTES_PER_ELEMENT;

/** How often a connection was given back. */
export const RELEASES_AT = 0;
/** Holders of locks. */
export const LOCKS_AT = 1;
/** Made anew at every start, so that nobody can tell which keys share a lock. */
export const SALT_AT = LOCKS_AT + LIMITS.keyLockCells;
/** Of the salt. */
export const SALT_CELLS = 4;
/** How often buckets' CORS rules were changed. */
export const CORS_CHANGES_AT = SALT_AT + SALT_CELLS;
/** The last turn that was given to anybody, then the last one of each user. */
export const TURNS_AT = CORS_CHANGES_AT + LIMITS.bucketCorsCells;
/** The first row. */
export const ROWS_AT = TURNS_AT + 1 + LIMITS.userCells;
