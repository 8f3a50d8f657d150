/** A minute of the soak: `deno task soak` runs it for ten. Three to four minutes with what comes before and behind it. */

import { soak } from "../soak/soak.ts";

const SECONDS = 60;

Deno.test("honest clients do not notice all attacks at once, and nothing is left of those", async () => {
  console.log(JSON.stringify(await soak({ seconds: SECONDS })));
});
