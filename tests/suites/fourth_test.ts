import { importTests } from "../support/import_tests.ts";

await importTests({ part: 3, parts: 4 });
