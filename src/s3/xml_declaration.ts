/**
 * The XML declaration, `<?xml version="1.0" encoding="UTF-8"?>`.
 * See {@link https://www.w3.org/TR/xml/#sec-prolog-dtd} (§2.8).
 * @module
 */

const START = "<?xml";
const END = "?>";
const FIELD = /[ \t\r\n]+([a-z]+)[ \t\r\n]*=[ \t\r\n]*(?:"([\w.-]+)"|'([\w.-]+)')/y;
const BLANKS = /^[ \t\r\n]*$/;
/** In this order; only the first has to be there. */
const FIELDS: readonly (readonly [name: string, value: RegExp])[] = [
  ["version", /^1\.0$/],
  ["encoding", /^[A-Za-z]/],
  ["standalone", /^(?:yes|no)$/],
];

/** Whether `text`, from `<?xml` to `?>`, is a declaration of XML 1.0. */
export function isXmlDeclaration(text: string): boolean {
  const fields = text.slice(START.length, -END.length);
  let at = 0;
  let next = 0;
  FIELD.lastIndex = 0;
  for (let field = FIELD.exec(fields); field !== null; field = FIELD.exec(fields)) {
    const [whole, name, quoted, apostrophed] = field;
    const found = FIELDS.findIndex((one) => one[0] === name);
    if (found < next || at === 0 && found > 0) return false;
    if (!FIELDS[found]?.[1].test(quoted ?? apostrophed ?? "")) return false;
    next = found + 1;
    at += whole.length;
  }
  return next > 0 && BLANKS.test(fields.slice(at));
}
