/**
 * An image and the shapes on it. One SVG holds both, so that zooming is a change of its view box;
 * positions are pixels of the image here and fractions in the answer.
 */

import { button, el, svg } from "./dom.js";
import { imageKey } from "./imagekeys.js";
import { listenToPointers } from "./imagepointer.js";
import { colourOf } from "./keys.js";
import { boxOf, handles, hasArea, inside, outline } from "./shapes.js";

const MOST_ZOOM = 40;
const CLOSE = 10;

export class ImageView {
  /** Corners set so far of the shape that is being drawn, in fractions. @type {number[][]} */
  corners = [];
  /** Which corner of the selected shape the arrows move; -1 for the whole. */
  handle = -1;
  /** Whether the crosshair is shown: keys were used last, not the pointer. */
  keyed = false;

  /**
   * @param {any} bench
   * @param {string} field
   * @param {{url: string, width: number, height: number, smaller: boolean}} image
   * @param {any[]} controls those of boxes, polygons and points that are about it
   */
  constructor(bench, field, image, controls) {
    this.bench = bench;
    this.controls = controls;
    this.image = image;
    this.cursor = { x: image.width / 2, y: image.height / 2 };
    this.view = { x: 0, y: 0, w: image.width, h: image.height };
    this.layer = svg("g");
    this.stage = this.#stage(field);
    this.element = el("div.image", {}, this.stage, this.#bar());
    if (controls.length) listenToPointers(this);
    new ResizeObserver(() => this.fit()).observe(this.stage);
  }

  #stage(field) {
    const { url, width, height } = this.image;
    const marks = this.controls.length > 0;
    const picture = svg("image", { href: url, x: 0, y: 0, width, height, preserveAspectRatio: "none" });
    const stage = svg("svg", {
      tabindex: "0",
      role: marks ? "application" : "img",
      "aria-roledescription": marks ? "image to mark" : undefined,
      "aria-label": marks
        ? `${field}: arrow keys move a crosshair, Enter sets a corner, Tab goes through the shapes`
        : field,
      class: "stage",
    });
    stage.append(picture, this.layer);
    stage.style.setProperty("--ratio", String(width / height));
    return stage;
  }

  #bar() {
    const zoom = (by) => () => this.zoom(by);
    const note = this.image.smaller ? "Shown smaller than it is." : "";
    const size = `${this.image.width} x ${this.image.height}`;
    return el(
      "div.viewbar",
      {},
      button("−", zoom(1 / 1.5), { "aria-label": "Zoom out", title: "Zoom out (-)" }),
      button("+", zoom(1.5), { "aria-label": "Zoom in", title: "Zoom in (+)" }),
      button("Fit", () => this.fit(true), { title: "Show the whole image (0)" }),
      this.controls.some((c) => c.kind === "polygons")
        ? button("Close the outline", () => this.close(), { title: "Close the polygon (Enter twice)" })
        : null,
      el("span.muted", {}, [size, note].filter(Boolean).join(" · ")),
    );
  }

  focus() {
    this.stage.focus({ preventScroll: true });
  }

  // ----- view

  /** @returns {number} how many pixels of the image one pixel of the screen is */
  get pixel() {
    return this.view.w / Math.max(1, this.stage.clientWidth);
  }

  /** Take the stage's proportions; `whole` shows the whole image. */
  fit(whole = false) {
    const { width, height } = this.image;
    const ratio = Math.max(1, this.stage.clientHeight) / Math.max(1, this.stage.clientWidth);
    const widest = Math.max(width, height / ratio);
    const all = whole || this.view.w >= Math.min(width, this.widest ?? width) - 1e-9;
    this.widest = widest;
    const w = all ? widest : Math.min(this.view.w, widest);
    const [cx, cy] = all ? [width / 2, height / 2] : this.#middle();
    this.view = { x: cx - w / 2, y: cy - (w * ratio) / 2, w, h: w * ratio };
    this.draw();
  }

  #middle() {
    return [this.view.x + this.view.w / 2, this.view.y + this.view.h / 2];
  }

  /** Zoom by a factor about a place in the image, the crosshair if none is given. */
  zoom(by, at = this.keyed ? this.cursor : null) {
    const [cx, cy] = at ? [at.x, at.y] : this.#middle();
    const most = this.widest ?? this.image.width;
    const w = Math.min(most, Math.max(this.view.w / by, most / MOST_ZOOM));
    const k = w / this.view.w;
    const { x, y, h } = this.view;
    this.view = { x: cx - (cx - x) * k, y: cy - (cy - y) * k, w, h: h * k };
    this.#hold();
    if (w >= most) return this.fit(true);
    this.draw();
  }

  /** Move what is shown, by fractions of it. */
  pan(dx, dy) {
    this.view.x += dx * this.view.w;
    this.view.y += dy * this.view.h;
    this.#hold();
    this.draw();
  }

  #hold() {
    const { width, height } = this.image;
    const { w, h } = this.view;
    const held = (v, size, shown) =>
      shown >= size ? (size - shown) / 2 : Math.min(Math.max(v, 0), size - shown);
    this.view.x = held(this.view.x, width, w);
    this.view.y = held(this.view.y, height, h);
  }

  /** Bring a place in the image into sight. */
  show({ x, y }) {
    const v = this.view;
    const edge = 0.04;
    if (x < v.x + v.w * edge) v.x = x - v.w * edge;
    if (x > v.x + v.w * (1 - edge)) v.x = x - v.w * (1 - edge);
    if (y < v.y + v.h * edge) v.y = y - v.h * edge;
    if (y > v.y + v.h * (1 - edge)) v.y = y - v.h * (1 - edge);
    this.#hold();
  }

  /** @returns {{x: number, y: number}} the place in the image under a place on the screen */
  place(event) {
    const box = this.stage.getBoundingClientRect();
    const x = this.view.x + ((event.clientX - box.left) / box.width) * this.view.w;
    const y = this.view.y + ((event.clientY - box.top) / box.height) * this.view.h;
    return { x, y };
  }

  /** @returns {[number, number]} a place in the image as fractions of it */
  fraction({ x, y }) {
    return [inside(x / this.image.width), inside(y / this.image.height)];
  }

  // ----- making shapes

  /** @returns {any|null} the control and label by which the next shape is made */
  get armed() {
    const { armed } = this.bench;
    return armed && this.controls.some((c) => c.name === armed.control.name) ? armed : null;
  }

  /** Set a corner, or a point, at a place in the image. @returns {string|null} what was made */
  corner(at = this.cursor) {
    const { armed, bench } = this;
    if (!armed || bench.readonly) return null;
    const here = this.fraction(at);
    const { control, label } = armed;
    if (control.kind === "points") return this.make({ x: here[0], y: here[1], label });
    if (control.kind === "boxes") return this.#boxCorner(here, label);
    const [first] = this.corners;
    const last = this.corners.at(-1);
    const closes = (first && this.#near(first, here)) || (last && this.#near(last, here, 1));
    if (this.corners.length >= 3 && closes) return this.close();
    if (!closes || !this.corners.length) this.corners.push(here);
    bench.say(`Corner ${this.corners.length}`);
    this.draw();
    return null;
  }

  #boxCorner(here, label) {
    if (!this.corners.length) {
      this.corners = [here];
      this.bench.say("First corner; go to the opposite one and press Enter");
      this.draw();
      return null;
    }
    const box = boxOf(this.corners[0], here);
    if (!hasArea(box)) {
      this.bench.say("The box has no area yet");
      return null;
    }
    return this.make({ ...box, label });
  }

  #near(a, b, pixels = CLOSE) {
    const dx = (a[0] - b[0]) * this.image.width;
    const dy = (a[1] - b[1]) * this.image.height;
    return Math.hypot(dx, dy) <= pixels * this.pixel;
  }

  /** Close the polygon that is being drawn. */
  close() {
    if (this.armed?.control.kind !== "polygons" || this.corners.length < 3) {
      this.bench.say("An outline needs three corners");
      return null;
    }
    return this.make({ points: this.corners, label: this.armed.label });
  }

  /** Add a shape by the armed control. */
  make(mark) {
    this.corners = [];
    const id = this.bench.answer.add(this.armed.control, mark);
    this.bench.say(`${mark.label} added`);
    return id;
  }

  /** Give up the shape that is being drawn. @returns {boolean} whether there was one */
  cancel() {
    const had = this.corners.length > 0;
    this.corners = [];
    this.draw();
    return had;
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether it was used */
  key(event) {
    return imageKey(this, event);
  }

  reveal(mark, control) {
    const [[x, y]] = outline(control.kind, mark, this.image.width, this.image.height);
    this.show({ x, y });
    this.draw();
  }

  // ----- drawing

  /** Draw view and shapes as they stand. */
  draw() {
    const { x, y, w, h } = this.view;
    this.stage.setAttribute("viewBox", `${x} ${y} ${w} ${h}`);
    this.layer.replaceChildren(...this.#others(), ...this.#marks(), ...this.#drawing());
  }

  #others() {
    return this.bench.others.flatMap(({ who, colour, results }) =>
      this.controls.flatMap((control) =>
        (results[control.name]?.[control.kind] ?? []).map((mark) =>
          this.#shape(control, mark, colour, `${who}: ${mark.label}`, "other"),
        ),
      ),
    );
  }

  #marks() {
    const out = [];
    for (const control of this.controls) {
      for (const mark of this.bench.answer.of(control).marks) {
        const on = this.bench.isSelected(control, mark.id);
        const looks = `${mark.proposed ? "proposed" : ""} ${on ? "on" : ""}`;
        const node = this.#shape(control, mark, colourOf(control, mark.label), mark.label, looks);
        node.dataset.mark = mark.id;
        node.dataset.control = control.name;
        out.push(node);
        if (on && !this.bench.readonly) out.push(...this.#handles(control, mark));
      }
    }
    return out;
  }

  #shape(control, mark, colour, label, looks) {
    const points = outline(control.kind, mark, this.image.width, this.image.height);
    const [x, y] = points[0];
    const px = this.pixel;
    const line = points.map((p) => p.join(",")).join(" ");
    const drawn =
      control.kind === "points"
        ? [svg("circle", { cx: x, cy: y, r: 6 * px })]
        : [svg("polygon", { points: line, class: "case" }), svg("polygon", { points: line })];
    const top = Math.min(...points.map((p) => p[1]));
    const over = top - 18 * px < this.view.y;
    const text = svg(
      "text",
      { x: x + (control.kind === "points" ? 9 : 0) * px, y: over ? y + 15 * px : y - (looks.includes("on") ? 11 : 5) * px },
      label,
    );
    text.style.fontSize = `${13 * px}px`;
    text.style.strokeWidth = `${3 * px}px`;
    const group = svg("g", { class: `shape ${looks}` }, ...drawn, text);
    group.style.setProperty("--tint", colour);
    return group;
  }

  #handles(control, mark) {
    return handles(control.kind, mark).map(([x, y], i) => {
      const [cx, cy] = [x * this.image.width, y * this.image.height];
      const looks = `handle ${i === this.handle ? "on" : ""}`;
      const node = svg("circle", { cx, cy, r: 7 * this.pixel, class: looks });
      node.dataset.handle = String(i);
      return node;
    });
  }

  #drawing() {
    const out = [];
    const [wide, high] = [this.image.width, this.image.height];
    const { armed } = this;
    if (this.corners.length && armed) {
      const here = this.fraction(this.cursor);
      const isBox = armed.control.kind === "boxes";
      const shape = isBox ? boxOf(this.corners[0], here) : { points: [...this.corners, here] };
      const points = outline(armed.control.kind, shape, wide, high).map((p) => p.join(",")).join(" ");
      const node = svg(isBox ? "polygon" : "polyline", { points, class: "drawing" });
      node.style.setProperty("--tint", colourOf(armed.control, armed.label));
      out.push(node);
      for (const [x, y] of this.corners) {
        out.push(svg("circle", { cx: x * wide, cy: y * high, r: 4 * this.pixel, class: "corner" }));
      }
    }
    if (this.keyed && armed && !this.bench.selected) out.push(...this.#cross());
    return out;
  }

  #cross() {
    const { x, y } = this.cursor;
    const { view } = this;
    const line = (x1, y1, x2, y2) => [
      svg("line", { x1, y1, x2, y2, class: "cross under" }),
      svg("line", { x1, y1, x2, y2, class: "cross" }),
    ];
    return [...line(view.x, y, view.x + view.w, y), ...line(x, view.y, x, view.y + view.h)];
  }
}
