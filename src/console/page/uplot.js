// For the type checker; the server answers the package's own file at this path.
export { default } from "uplot";
