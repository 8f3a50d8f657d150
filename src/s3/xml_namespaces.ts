/**
 * Namespaces of a document's elements and attributes. See {@link https://www.w3.org/TR/xml-names/}.
 * @module
 */

import { S3Error } from "./error.ts";
import type { XmlAttribute } from "./xml_reader.ts";
import type { XmlName } from "./xml_source.ts";

const XML = "http://www.w3.org/XML/1998/namespace";
const XMLNS = "http://www.w3.org/2000/xmlns/";

/** The namespaces that elements may be in: S3's, its older one, in the spellings of clients, or none. */
const S3 = /^(?:https?:\/\/(?:s3\.amazonaws\.com\/doc|doc\.s3\.amazonaws\.com)\/2006-03-01\/?)?$/;

type Scope = ReadonlyMap<string, string>;

/** What prefixes stand for, from the root to where a reader is. */
export class XmlNamespaces {
  readonly #scopes: Scope[] = [new Map([["", ""], ["xml", XML]])];
  /** The one of the last element. */
  #known = "";
  /** Where a name without a prefix is known to be S3's. */
  #plain: Scope | undefined;

  /**
   * Enters an element.
   * @throws {S3Error} `MalformedXML` where its namespace is another than S3's, for a prefix that stands for nothing, and for
   *   the same attribute twice.
   */
  enter({ whole, local }: XmlName, attributes: readonly XmlAttribute[]): void {
    const around = this.#scopes[this.#scopes.length - 1];
    // As most elements are: without a prefix or an attribute, in what was looked at already.
    if (
      attributes.length === 0 && whole === local && around !== undefined && around === this.#plain
    ) {
      this.#scopes.push(around);
      return;
    }
    const scope = attributes.length === 0 ? this.#around : this.#declare(attributes);
    this.#scopes.push(scope);
    if (attributes.length > 1) verifyOnce(attributes, scope);
    else if (attributes.length > 0) readNamespace(attributes[0]?.[0] ?? "", scope);
    const namespace = whole.includes(":") ? findNamespace(whole, scope) : scope.get("") ?? "";
    if (namespace !== this.#known && !S3.test(namespace)) throw new S3Error("MalformedXML");
    this.#known = namespace;
    this.#plain = whole === local ? scope : undefined;
  }

  /** Leaves the element that was entered last. */
  leave(): void {
    this.#scopes.pop();
  }

  get #around(): Scope {
    return this.#scopes[this.#scopes.length - 1] ?? new Map();
  }

  #declare(attributes: readonly XmlAttribute[]): Scope {
    const around = this.#around;
    let scope: Map<string, string> | undefined;
    for (const [name, value] of attributes) {
      const prefix = name === "xmlns" ? "" : name.startsWith("xmlns:") ? name.slice(6) : undefined;
      if (prefix === undefined) continue;
      const isReserved = value === XMLNS || prefix === "xmlns" ||
        (prefix === "xml") !== (value === XML);
      if (isReserved || prefix !== "" && value === "") throw new S3Error("MalformedXML");
      scope ??= new Map(around);
      scope.set(prefix, value);
    }
    return scope ?? around;
  }
}

function verifyOnce(attributes: readonly XmlAttribute[], scope: Scope): void {
  const names = new Set(attributes.map(([name]) => readNamespace(name, scope)));
  if (names.size < attributes.length) throw new S3Error("MalformedXML");
}

/** An attribute's name with its namespace: none, where it has no prefix. */
function readNamespace(name: string, scope: Scope): string {
  const colonAt = name.indexOf(":");
  if (colonAt < 0 || name.startsWith("xmlns:")) return name;
  return `{${findNamespace(name, scope)}}${name.slice(colonAt + 1)}`;
}

function findNamespace(name: string, scope: Scope): string {
  const namespace = scope.get(name.slice(0, name.indexOf(":")));
  if (namespace === undefined) throw new S3Error("MalformedXML");
  return namespace;
}
