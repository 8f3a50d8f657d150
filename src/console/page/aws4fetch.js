// For the type checker: the console serves the package's own file in place of this one.
export * from "aws4fetch";
