/** Positions in a text: code points and UTF-16 units, words, and blocks to lay it out in. */

const BLOCK = 3_000;
const WINDOW = 400;

/** Between code points, in which answers count, and UTF-16 units, in which the browser does. */
export class Offsets {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.pairs = [];
    const pair = /[\uD800-\uDBFF][\uDC00-\uDFFF]/g;
    for (let found = pair.exec(text); found; found = pair.exec(text)) this.pairs.push(found.index);
  }

  /** @param {number} unit UTF-16 units @returns {number} code points before it */
  point(unit) {
    let low = 0;
    let high = this.pairs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.pairs[middle] < unit) low = middle + 1;
      else high = middle;
    }
    return unit - low;
  }

  /** @param {number} point code points @returns {number} UTF-16 units before it */
  unit(point) {
    let low = 0;
    let high = this.pairs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.pairs[middle] - middle < point) low = middle + 1;
      else high = middle;
    }
    return Math.min(point + low, this.text.length);
  }

  /** @returns {string} a stretch given in code points */
  slice(start, end) {
    return this.text.slice(this.unit(start), this.unit(end));
  }
}

/**
 * Cut a text into blocks that are laid out apart, at the ends of lines where there are any.
 *
 * @param {string} text
 * @returns {{from: number, to: number}[]}
 */
export function blocks(text) {
  const out = [];
  for (let from = 0; from < text.length; ) {
    let to = Math.min(from + BLOCK, text.length);
    if (to < text.length) to = cut(text, from, to);
    out.push({ from, to });
    from = to;
  }
  return out.length ? out : [{ from: 0, to: 0 }];
}

function cut(text, from, near) {
  const line = text.indexOf("\n", near);
  if (line >= 0 && line - near < BLOCK) return line + 1;
  const back = text.lastIndexOf("\n", near);
  if (back > from) return back + 1;
  const space = text.lastIndexOf(" ", near);
  if (space > from) return space + 1;
  const low = text.charCodeAt(near);
  return low >= 0xdc00 && low <= 0xdfff ? near + 1 : near;
}

const words = segmenter("word");
const graphemes = segmenter("grapheme");

function segmenter(granularity) {
  return typeof Intl.Segmenter === "function" ? new Intl.Segmenter(undefined, { granularity }) : null;
}

/** Return the words of a stretch of a text as [from, to) in UTF-16 units. */
function wordsIn(text, from, to) {
  const part = text.slice(from, to);
  if (words) {
    const found = [...words.segment(part)].filter(
      (one) => one.isWordLike || !/^[\s\p{P}]+$/u.test(one.segment),
    );
    return found.map((one) => [from + one.index, from + one.index + one.segment.length]);
  }
  return [...part.matchAll(/\S+/gu)].map((m) => [from + m.index, from + m.index + m[0].length]);
}

/**
 * Return the word behind a position, null at the end of the text.
 *
 * @param {string} text
 * @param {number} at UTF-16 units
 * @returns {[number, number]|null}
 */
export function wordAfter(text, at) {
  let from = at;
  while (from < text.length && /\s/u.test(text[from])) from += 1;
  if (from >= text.length) return null;
  return wordsIn(text, from, Math.min(from + WINDOW, text.length))[0] ?? null;
}

/** Return the word before a position, null at the start of the text; see `wordAfter`. */
export function wordBefore(text, at) {
  let to = at;
  while (to > 0 && /\s/u.test(text[to - 1])) to -= 1;
  if (to <= 0) return null;
  let from = Math.max(0, to - WINDOW);
  while (from > 0 && from < to && !/\s/u.test(text[from])) from += 1;
  if (from >= to) from = Math.max(0, to - WINDOW);
  return wordsIn(text, from, to).at(-1) ?? null;
}

/** Return the word at a position, or behind it. */
export function wordAt(text, at) {
  let from = at;
  while (from > 0 && at - from < WINDOW && !/\s/u.test(text[from - 1])) from -= 1;
  const near = wordsIn(text, from, Math.min(at + WINDOW, text.length));
  return near.find((word) => word[1] > at) ?? wordAfter(text, at);
}

/** Return the next border between what a reader takes for characters. */
export function stepped(text, at, by) {
  const from = by > 0 ? at : Math.max(0, at - 64);
  const to = by > 0 ? Math.min(at + 64, text.length) : at;
  if (from >= to) return at;
  if (!graphemes) return at + by;
  const found = [...graphemes.segment(text.slice(from, to))];
  return by > 0 ? at + found[0].segment.length : from + found.at(-1).index;
}

/** Return a short form of a text for lists and announcements. */
export function short(text, most = 60) {
  const line = text.replace(/\s+/gu, " ").trim();
  const points = [...line.slice(0, most * 2)];
  return line.length > most ? `${points.slice(0, most - 1).join("")}…` : line;
}
