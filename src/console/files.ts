/**
 * The files of the page. They are imported as texts, so that nothing is read while the program runs, and the executable
 * holds them.
 * @module
 */

import aws4fetch from "aws4fetch" with { type: "text" };
import uPlot from "uplot/dist/uPlot.esm.js" with { type: "text" };
import index from "./page/index.html" with { type: "text" };
import accessView from "./page/access_view.js" with { type: "text" };
import attachment from "./page/attachment.js" with { type: "text" };
import bootstrap from "./page/bootstrap.js" with { type: "text" };
import browserView from "./page/browser_view.js" with { type: "text" };
import bucketsView from "./page/buckets_view.js" with { type: "text" };
import chart from "./page/chart.js" with { type: "text" };
import clipboard from "./page/clipboard.js" with { type: "text" };
import configurationView from "./page/configuration_view.js" with { type: "text" };
import consoleApi from "./page/console_api.js" with { type: "text" };
import createFolder from "./page/create_folder.js" with { type: "text" };
import deleteObjects from "./page/delete_objects.js" with { type: "text" };
import dialog from "./page/dialog.js" with { type: "text" };
import dom from "./page/dom.js" with { type: "text" };
import download from "./page/download.js" with { type: "text" };
import droppedFiles from "./page/dropped_files.js" with { type: "text" };
import entrances from "./page/entrances.js" with { type: "text" };
import entryRow from "./page/entry_row.js" with { type: "text" };
import folderBars from "./page/folder_bars.js" with { type: "text" };
import folderListing from "./page/folder_listing.js" with { type: "text" };
import followConsole from "./page/follow_console.js" with { type: "text" };
import format from "./page/format.js" with { type: "text" };
import iconSvg from "./page/icon.svg" with { type: "text" };
import liveView from "./page/live_view.js" with { type: "text" };
import main from "./page/main.js" with { type: "text" };
import md5 from "./page/md5.js" with { type: "text" };
import multipartUpload from "./page/multipart_upload.js" with { type: "text" };
import notices from "./page/notices.js" with { type: "text" };
import objectSheet from "./page/object_sheet.js" with { type: "text" };
import objectUrl from "./page/object_url.js" with { type: "text" };
import preview from "./page/preview.js" with { type: "text" };
import providerSignIn from "./page/provider_sign_in.js" with { type: "text" };
import requestsView from "./page/requests_view.js" with { type: "text" };
import restoreVersion from "./page/restore_version.js" with { type: "text" };
import router from "./page/router.js" with { type: "text" };
import s3Client from "./page/s3_client.js" with { type: "text" };
import s3Failure from "./page/s3_failure.js" with { type: "text" };
import s3Xml from "./page/s3_xml.js" with { type: "text" };
import sendBytes from "./page/send_bytes.js" with { type: "text" };
import session from "./page/session.js" with { type: "text" };
import shareDialog from "./page/share_dialog.js" with { type: "text" };
import shell from "./page/shell.js" with { type: "text" };
import signIn from "./page/sign_in.js" with { type: "text" };
import snippets from "./page/snippets.js" with { type: "text" };
import startUploads from "./page/start_uploads.js" with { type: "text" };
import styleCss from "./page/style.css" with { type: "text" };
import unfinishedUploads from "./page/unfinished_uploads.js" with { type: "text" };
import uploadPanel from "./page/upload_panel.js" with { type: "text" };
import uploadQueue from "./page/upload_queue.js" with { type: "text" };
import usersView from "./page/users_view.js" with { type: "text" };
import viewParts from "./page/view_parts.js" with { type: "text" };
import virtualRows from "./page/virtual_rows.js" with { type: "text" };
import whyView from "./page/why_view.js" with { type: "text" };

/** What `/` is. */
export const INDEX = "index.html";

/** Texts by the name they are served under. */
export const FILES: Readonly<Record<string, string>> = {
  [INDEX]: index,
  "access_view.js": accessView,
  "attachment.js": attachment,
  "bootstrap.js": bootstrap,
  "browser_view.js": browserView,
  "buckets_view.js": bucketsView,
  "chart.js": chart,
  "clipboard.js": clipboard,
  "configuration_view.js": configurationView,
  "console_api.js": consoleApi,
  "create_folder.js": createFolder,
  "delete_objects.js": deleteObjects,
  "dialog.js": dialog,
  "dom.js": dom,
  "download.js": download,
  "dropped_files.js": droppedFiles,
  "entrances.js": entrances,
  "entry_row.js": entryRow,
  "folder_bars.js": folderBars,
  "folder_listing.js": folderListing,
  "follow_console.js": followConsole,
  "format.js": format,
  "icon.svg": iconSvg,
  "live_view.js": liveView,
  "main.js": main,
  "md5.js": md5,
  "multipart_upload.js": multipartUpload,
  "notices.js": notices,
  "object_sheet.js": objectSheet,
  "object_url.js": objectUrl,
  "preview.js": preview,
  "provider_sign_in.js": providerSignIn,
  "requests_view.js": requestsView,
  "restore_version.js": restoreVersion,
  "router.js": router,
  "s3_client.js": s3Client,
  "s3_failure.js": s3Failure,
  "s3_xml.js": s3Xml,
  "send_bytes.js": sendBytes,
  "session.js": session,
  "share_dialog.js": shareDialog,
  "shell.js": shell,
  "sign_in.js": signIn,
  "snippets.js": snippets,
  "start_uploads.js": startUploads,
  "style.css": styleCss,
  "unfinished_uploads.js": unfinishedUploads,
  "upload_panel.js": uploadPanel,
  "upload_queue.js": uploadQueue,
  "users_view.js": usersView,
  "view_parts.js": viewParts,
  "virtual_rows.js": virtualRows,
  "why_view.js": whyView,
  // Of packages, as they were published.
  "aws4fetch.js": aws4fetch,
  "uplot.js": uPlot,
};
