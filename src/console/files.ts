/**
 * The files of the page. They are imported as texts, so that nothing is read while the program runs, and the executable
 * holds them.
 * @module
 */

import aws4fetch from "aws4fetch" with { type: "text" };
import uPlotStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import uPlot from "uplot/dist/uPlot.esm.js" with { type: "text" };
import index from "./page/index.html" with { type: "text" };

/** What `/` is. */
export const INDEX = "index.html";

/** Texts by the name they are served under. */
export const FILES: Readonly<Record<string, string>> = {
  [INDEX]: index,
  // Of packages, as they were published.
  "aws4fetch.js": aws4fetch,
  "uplot.css": uPlotStyle,
  "uplot.js": uPlot,
};
