import { importTests } from "../support/import_tests.ts";

await importTests({ part: 2, parts: 4 });
