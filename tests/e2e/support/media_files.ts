/**
 * Small files of the kinds that the console shows, made here: nothing but a film needs a program.
 * @module
 */

import { crc32, deflateSync } from "node:zlib";
import type { Page } from "playwright-core";
import { concatBytes, encodeUtf8 } from "../../../src/lib/bytes.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A red PNG. See {@link https://www.w3.org/TR/png-3/}. */
export function makePng({ width, height }: { width: number; height: number }): Bytes {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 2], 8); // eight bits of red, of green and of blue
  const row = [0, ...Array.from({ length: width }, () => [255, 0, 0]).flat()];
  const pixels = Uint8Array.from(Array.from({ length: height }, () => row).flat());
  return concatBytes([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    makeChunk("IHDR", header),
    makeChunk("IDAT", new Uint8Array(deflateSync(pixels))),
    makeChunk("IEND", new Uint8Array(0)),
  ]);
}

function makeChunk(type: string, data: Uint8Array): Uint8Array {
  const named = concatBytes([encodeUtf8(type), data]);
  const chunk = new Uint8Array(named.length + 8);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, data.length);
  chunk.set(named, 4);
  view.setUint32(named.length + 4, crc32(named));
  return chunk;
}

/** Silence as a WAV of 8000 samples a second, a byte each. */
export function makeWav({ seconds }: { seconds: number }): Bytes {
  const samples = 8_000 * seconds;
  const file = new Uint8Array(44 + samples).fill(128, 44);
  const view = new DataView(file.buffer);
  const write = (at: number, text: string): void => file.set(encodeUtf8(text), at);
  write(0, "RIFF");
  view.setUint32(4, 36 + samples, true);
  write(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // as it is
  view.setUint16(22, 1, true); // mono
  view.setUint32(24, 8_000, true);
  view.setUint32(28, 8_000, true);
  view.setUint16(32, 1, true);
  view.setUint16(34, 8, true);
  write(36, "data");
  view.setUint32(40, samples, true);
  return file;
}

/** Half a second of a WebM, recorded by the browser that `page` is in. */
export async function recordWebm(page: Page): Promise<Bytes> {
  const base64 = await page.evaluate(RECORD);
  return Uint8Array.fromBase64(String(base64));
}

const RECORD = `(async () => {
  const canvas = document.createElement("canvas");
  canvas.width = 64;
  canvas.height = 48;
  const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: "video/webm" });
  const pieces = [];
  recorder.ondataavailable = ({ data }) => pieces.push(data);
  const stopped = new Promise((resolve) => recorder.onstop = resolve);
  recorder.start();
  const context = canvas.getContext("2d");
  for (let frame = 0; frame < 10; frame++) {
    context.fillStyle = frame % 2 === 0 ? "red" : "blue";
    context.fillRect(0, 0, 64, 48);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  recorder.stop();
  await stopped;
  const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
  return btoa(String.fromCharCode(...bytes));
})()`;

/** A PDF of one empty page, as short as they get. */
export const PDF = `%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>endobj
trailer<</Root 1 0 R>>
%%EOF
`;
