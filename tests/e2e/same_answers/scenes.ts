/**
 * All of the table.
 * @module
 */

import { BUCKET_SCENES } from "./bucket_rows.ts";
import { CORS_SCENES } from "./cors_rows.ts";
import { HISTORY_SCENES } from "./history_rows.ts";
import { KEY_SCENES } from "./key_rows.ts";
import { LIST_SCENES } from "./list_rows.ts";
import { PLACE_SCENES } from "./place_rows.ts";
import { PUT_SCENES } from "./put_rows.ts";
import { READ_SCENES } from "./read_rows.ts";
import type { Scene } from "./row.ts";
import { SETTING_SCENES } from "./setting_rows.ts";
import { SIGNING_SCENES } from "./signing_rows.ts";
import { UPLOAD_SCENES } from "./upload_rows.ts";
import { VERSION_SCENES } from "./version_rows.ts";
import { WRITE_SCENES } from "./write_rows.ts";

/** Scenes, each with a bucket of its own. */
export const SCENES: readonly Scene[] = [
  ...BUCKET_SCENES,
  ...LIST_SCENES,
  ...READ_SCENES,
  ...PUT_SCENES,
  ...WRITE_SCENES,
  ...UPLOAD_SCENES,
  ...VERSION_SCENES,
  ...SETTING_SCENES,
  ...SIGNING_SCENES,
  ...CORS_SCENES,
  ...HISTORY_SCENES,
  ...KEY_SCENES,
  ...PLACE_SCENES,
];
