/** A small store that is not Ceph; `deno task test:stores` has all others, and more clients. */

import { testStoreBriefly } from "../stores/support/test_store.ts";

testStoreBriefly("moto");
