/** The XML declaration: what is one, and what is not. */

import assert from "node:assert/strict";
import { isXmlDeclaration } from "../../../src/s3/xml_declaration.ts";

const REFUSED = [
  "<?xml?>",
  "<?xml ?>",
  '<?xmlversion="1.0"?>',
  '<?xml version="1.1"?>',
  '<?xml version="1.00"?>',
  "<?xml version=\"1.0'?>",
  "<?xml version=1.0?>",
  '<?xml version=""?>',
  '<?xml encoding="UTF-8"?>',
  '<?xml encoding="UTF-8" version="1.0"?>',
  '<?xml version="1.0" version="1.0"?>',
  '<?xml version="1.0" standalone="yes" encoding="UTF-8"?>',
  '<?xml version="1.0"encoding="UTF-8"?>',
  '<?xml version="1.0" encoding="8-UTF"?>',
  '<?xml version="1.0" encoding="UTF 8"?>',
  '<?xml version="1.0" standalone="maybe"?>',
  '<?xml version="1.0" standalone="YES"?>',
  '<?xml version="1.0" other="1"?>',
  '<?xml version="1.0" constructor="1"?>',
  '<?xml version="1.0" x?>',
  '<?xml version="1.0"\u00a0?>',
] as const;

for (const text of REFUSED) {
  Deno.test(`isXmlDeclaration() refuses ${JSON.stringify(text)}`, () => {
    assert.equal(isXmlDeclaration(text), false);
  });
}

const TAKEN = [
  '<?xml version="1.0"?>',
  "<?xml version='1.0' ?>",
  '<?xml\n\tversion = "1.0"\r\n encoding\t=\t\'utf-8\' standalone="no"?>',
  "<?xml version=\"1.0\" standalone='yes'?>",
  '<?xml version="1.0" encoding="ISO-8859-1"?>',
] as const;

for (const text of TAKEN) {
  Deno.test(`isXmlDeclaration() takes ${JSON.stringify(text)}`, () => {
    assert.equal(isXmlDeclaration(text), true);
  });
}
