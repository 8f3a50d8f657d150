// @ts-check
/**
 * What is known before anybody has signed in.
 * @module
 */

/**
 * What the page knows before anybody has signed in.
 *
 * @typedef {object} Bootstrap
 * @property {string} version
 * @property {string} [account_id] in the ARNs of roles
 * @property {{endpoint: string, region: string}} s3
 * @property {{service: string, region: string}} api
 * @property {Provider[]} providers
 *
 * @typedef {{issuer: string, client_id: string, scopes: string, roles: string[]}} Provider
 */

/** @returns {Promise<Bootstrap>} */
export async function readBootstrap() {
  const response = await fetch("bootstrap.json"); // as index.html has preloaded it
  if (!response.ok) throw new Error(`The server answers ${response.status}`);
  return await response.json();
}
