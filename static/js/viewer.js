// The picture: OpenSeadragon on neutral grey, with the outlines of the cells over it.
// Dotted: suggested by the model. Solid: said by a human. The chosen cell is drawn thicker.
const SVG = "http://www.w3.org/2000/svg";
const SMALLEST_PX = 24;
const AROUND = 5;

async function sourceOf({ display, dzi, width, height }) {
  if (!dzi) return { type: "image", url: display, buildPyramid: false };
  const xml = new DOMParser().parseFromString(await (await fetch(dzi)).text(), "application/xml").documentElement;
  return new OpenSeadragon.DziTileSource({
    width: Number(width),
    height: Number(height),
    tileSize: Number(xml.getAttribute("TileSize")),
    tileOverlap: Number(xml.getAttribute("Overlap")),
    tilesUrl: dzi.replace("image.dzi", "tiles/"),
    fileFormat: xml.getAttribute("Format"),
  });
}

const inside = ([x, y], contour) =>
  contour.reduce((odd, [x1, y1], at) => {
    const [x2, y2] = contour[(at + 1) % contour.length];
    return y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1 ? !odd : odd;
  }, false);

export class Viewer {
  constructor(element, { stateOf, onPick }) {
    Object.assign(this, { stateOf, onPick, cells: [], frame: null, chosen: null });
    this.osd = OpenSeadragon({
      element,
      drawer: "canvas",
      showNavigationControl: false,
      animationTime: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 0.3,
      maxZoomPixelRatio: 12,
      visibilityRatio: 0.5,
      gestureSettingsMouse: { clickToZoom: false },
      gestureSettingsTouch: { clickToZoom: false },
    });
    this.layer = document.createElementNS(SVG, "g");
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.classList.add("overlay");
    this.svg.append(this.layer);
    this.osd.canvas.append(this.svg);
    for (const moment of ["open", "update-viewport", "resize"]) this.osd.addHandler(moment, () => this.follow());
    this.osd.addHandler("canvas-key", (event) => {
      event.preventDefaultAction = !event.originalEvent.key.startsWith("Arrow");
    });
    this.osd.addHandler("canvas-click", (event) => event.quick && this.pick(event.position));
  }

  get item() {
    return this.osd.world.getItemAt(0);
  }

  open(frame) {
    if (this.frame?.image === frame.image) return this.opening;
    this.opening = this.load(frame);
    return this.opening;
  }

  async load(frame) {
    this.frame = frame;
    this.cells = [];
    this.paint();
    const opened = new Promise((resolve) => {
      this.osd.addOnceHandler("open", resolve);
      this.osd.addOnceHandler("open-failed", resolve);
    });
    const outlines = fetch(frame.cells, { headers: { Accept: "application/json" } }).then((reply) => (reply.ok ? reply.json() : { cells: [] }));
    this.osd.open(await sourceOf(frame));
    await opened;
    const { cells } = await outlines;
    if (this.frame !== frame) return;
    this.cells = cells;
    this.paint();
    this.follow();
  }

  follow() {
    if (!this.item) return;
    const origin = this.item.imageToViewerElementCoordinates(new OpenSeadragon.Point(0, 0));
    const unit = this.item.imageToViewerElementCoordinates(new OpenSeadragon.Point(1, 0));
    this.layer.setAttribute("transform", `translate(${origin.x} ${origin.y}) scale(${unit.x - origin.x})`);
  }

  paint() {
    this.layer.replaceChildren(...this.cells.flatMap((cell) => this.outline(cell)));
  }

  outline(cell) {
    const line = `M${cell.contour.map(([x, y]) => `${x + 0.5} ${y + 0.5}`).join("L")}Z`;
    const look = `${this.stateOf(cell.id)}${cell.id === this.chosen ? " is-chosen" : ""}`;
    return ["halo", "line"].map((part) => {
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("d", line);
      path.setAttribute("class", `${part} ${look}`);
      return path;
    });
  }

  pick(position) {
    const { x, y } = this.item.viewerElementToImageCoordinates(position);
    const hit = this.cells.find((cell) => inside([x, y], cell.contour));
    if (hit) this.onPick(hit.id);
  }

  // Shows the cell: moves only if it is out of sight or too small to see; `close` always goes near.
  async show(frame, { id, x, y, w, h }, close = false) {
    this.chosen = id;
    await this.open(frame);
    this.paint();
    if (!this.item || this.frame !== frame) return undefined;
    const place = this.item.imageToViewportRectangle(x, y, w, h);
    const seen = this.osd.viewport.getBounds();
    const wide = (Math.max(place.width, place.height) / seen.width) * this.osd.element.clientWidth;
    const isSeen = seen.containsPoint(place.getTopLeft()) && seen.containsPoint(place.getBottomRight());
    if (!close && isSeen && wide >= SMALLEST_PX) return undefined;
    if (!close && wide >= SMALLEST_PX) return this.osd.viewport.panTo(place.getCenter());
    const centre = place.getCenter();
    const [width, height] = [place.width * AROUND, place.height * AROUND];
    return this.osd.viewport.fitBounds(new OpenSeadragon.Rect(centre.x - width / 2, centre.y - height / 2, width, height));
  }

  zoom(factor) {
    this.osd.viewport.zoomBy(factor).applyConstraints();
  }

  fit() {
    this.osd.viewport.goHome();
  }

  toggle(shown) {
    this.svg.classList.toggle("is-off", !shown);
  }
}
