/**
 * Runs the soak: `deno task soak`, for ten minutes or as many seconds as `--seconds=` says.
 * @module
 */

import { soak } from "./soak.ts";

const SECONDS = 600;

const option = Deno.args.find((argument) => argument.startsWith("--seconds="));
const report = await soak({ seconds: Number(option?.split("=")[1] ?? SECONDS) });
console.log(JSON.stringify(report, undefined, 2));
Deno.exit(0);
