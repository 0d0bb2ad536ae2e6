/** The waveform of a sound, from its decoded samples. */

const RATE = 8_000;
const BIN = 64;
const MOST_BYTES = 96 * 1024 * 1024;

/**
 * Return the loudest value of each stretch of 64 samples at 8 kHz, null where there is no sound.
 *
 * @param {ArrayBuffer} bytes of the file; they are copied
 * @returns {Promise<{peaks: Float32Array, perSecond: number}|null>}
 */
export async function waveform(bytes) {
  if (bytes.byteLength > MOST_BYTES || typeof OfflineAudioContext !== "function") return null;
  try {
    const sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(bytes.slice(0));
    return { peaks: peaksOf(sound), perSecond: RATE / BIN };
  } catch {
    return null;
  }
}

function peaksOf(sound) {
  const out = new Float32Array(Math.ceil(sound.length / BIN));
  for (let c = 0; c < sound.numberOfChannels; c += 1) {
    const samples = sound.getChannelData(c);
    for (let i = 0; i < samples.length; i += 1) {
      const loud = Math.abs(samples[i]);
      const bin = (i / BIN) | 0;
      if (loud > out[bin]) out[bin] = loud;
    }
  }
  return out;
}

/**
 * Draw a stretch of a waveform over a whole canvas.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {{peaks: Float32Array, perSecond: number}} wave
 * @param {number} from seconds
 * @param {number} to seconds
 */
export function drawWave(canvas, wave, from, to) {
  const scale = window.devicePixelRatio || 1;
  const wide = Math.max(1, Math.round(canvas.clientWidth * scale));
  const high = Math.max(1, Math.round(canvas.clientHeight * scale));
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.clearRect(0, 0, wide, high);
  pen.fillStyle = getComputedStyle(canvas).color;
  const each = ((to - from) * wave.perSecond) / wide;
  for (let x = 0; x < wide; x += 1) {
    const first = Math.floor(from * wave.perSecond + x * each);
    const last = Math.max(first + 1, Math.floor(from * wave.perSecond + (x + 1) * each));
    let loud = 0;
    for (let i = first; i < last && i < wave.peaks.length; i += 1) loud = Math.max(loud, wave.peaks[i]);
    const tall = Math.max(1, loud * high * 0.95);
    pen.fillRect(x, (high - tall) / 2, 1, tall);
  }
}

/** Return a time as minutes, seconds and hundredths. */
export function clock(seconds) {
  const rest = Math.max(0, seconds);
  const minutes = Math.floor(rest / 60);
  return `${minutes}:${(rest - minutes * 60).toFixed(2).padStart(5, "0")}`;
}
