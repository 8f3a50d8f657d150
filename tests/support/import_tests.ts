/**
 * Several files of tests as one: what they all import is loaded once, which takes most of the time of most of them.
 * @module
 */

const TESTS = new URL("../", import.meta.url);
/** What `deno task test` runs: needs nothing installed. */
const DIRECTORIES = ["attacks", "contract", "fuzz", "property", "unit"] as const;

/** Registers every `parts`-th file's tests, beginning with `part`: 0, 1, … */
export async function importTests({ part, parts }: { part: number; parts: number }): Promise<void> {
  const files = DIRECTORIES.flatMap((directory) => listTests(new URL(`${directory}/`, TESTS)));
  for (const file of files.sort().filter((_, at) => at % parts === part)) await import(file);
}

function listTests(directory: URL): string[] {
  return Array.from(Deno.readDirSync(directory)).flatMap(({ name, isDirectory }) => {
    if (isDirectory) return listTests(new URL(`${name}/`, directory));
    return name.endsWith("_test.ts") ? [new URL(name, directory).href] : [];
  });
}
