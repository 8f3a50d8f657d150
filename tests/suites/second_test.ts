import { importTests } from "../support/import_tests.ts";

await importTests({ part: 1, parts: 4 });
