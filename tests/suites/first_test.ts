import { importTests } from "../support/import_tests.ts";

await importTests({ part: 0, parts: 4 });
