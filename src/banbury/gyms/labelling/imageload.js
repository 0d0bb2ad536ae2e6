/** Images as the browser can show them: their size is read before anything is decoded. */

const MOST_PIXELS = 150_000_000;
const PLAIN_PIXELS = 40_000_000;
const MOST_SIDE = 30_000;
const SHOWN_SIDE = 6_000;
const PATIENCE_MS = 30_000;

/**
 * Return an address and the size of an image; a very large one is shown smaller.
 *
 * @param {{mime: string, bytes: ArrayBuffer, url: string}} file
 * @returns {Promise<{url: string, width: number, height: number, smaller: boolean}>}
 * @throws {Error} it cannot be shown; the message says why
 */
export async function loadImage(file) {
  const size = sizeOf(new DataView(file.bytes));
  if (size) refuseHuge(size);
  if (size && size.width * size.height > PLAIN_PIXELS) return reduced(file, size);
  const image = new Image();
  image.src = file.url;
  await patient(image.decode()).catch(() => {
    throw new Error(
      "This image cannot be shown: the file is damaged, or of a kind that this browser lacks.",
    );
  });
  const [width, height] = [image.naturalWidth || 300, image.naturalHeight || 150];
  refuseHuge({ width, height });
  return { url: file.url, width, height, smaller: false };
}

function refuseHuge({ width, height }) {
  if (width * height <= MOST_PIXELS && Math.max(width, height) <= MOST_SIDE && width && height) return;
  throw new Error(
    `This image is ${width} x ${height} pixels, more than a browser can show ` +
      `(${MOST_PIXELS / 1e6} megapixels, ${MOST_SIDE} on a side).`,
  );
}

async function reduced(file, { width, height }) {
  const scale = SHOWN_SIDE / Math.max(width, height);
  const [w, h] = [width, height].map((n) => Math.max(1, Math.round(n * scale)));
  try {
    const blob = new Blob([file.bytes], { type: file.mime });
    const how = { resizeWidth: w, resizeHeight: h, resizeQuality: /** @type {const} */ ("medium") };
    const bitmap = await patient(createImageBitmap(blob, how));
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [w, h];
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0, w, h);
    bitmap.close();
    const small = await new Promise((done) => canvas.toBlob(done, "image/webp", 0.9));
    if (!small) throw new Error("no memory");
    return { url: URL.createObjectURL(small), width, height, smaller: true };
  } catch {
    throw new Error(`This image of ${width} x ${height} pixels cannot be shown on this device.`);
  }
}

function patient(promise) {
  const late = new Promise((_, fail) => setTimeout(() => fail(new Error("late")), PATIENCE_MS));
  return Promise.race([promise, late]);
}

/**
 * Return width and height from the head of a PNG, GIF, BMP, WebP or JPEG, null for others.
 *
 * @param {DataView} view
 */
export function sizeOf(view) {
  if (view.byteLength < 30) return null;
  const tag = view.getUint32(0);
  if (tag === 0x89504e47) return { width: view.getUint32(16), height: view.getUint32(20) };
  if (tag === 0x47494638) return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
  if (tag >>> 16 === 0x424d) {
    return { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) };
  }
  if (tag === 0x52494646 && view.getUint32(8) === 0x57454250) return webp(view);
  if (tag >>> 16 === 0xffd8) return jpeg(view);
  return null;
}

function webp(view) {
  const kind = view.getUint32(12);
  if (kind === 0x56503858) {
    const three = (at) => view.getUint16(at, true) + (view.getUint8(at + 2) << 16) + 1;
    return { width: three(24), height: three(27) };
  }
  if (kind === 0x5650384c) {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
}

function jpeg(view) {
  for (let at = 2; at + 9 < view.byteLength; ) {
    const marker = view.getUint16(at);
    if (marker >>> 8 !== 0xff) return null;
    const frame = marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker);
    if (frame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}
