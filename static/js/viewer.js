// The picture: OpenSeadragon on neutral grey, with the outlines of the cells over it.
const SMALLEST_PX = 24;
const AROUND = 5;
const PAN = 0.25;

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

export class Viewer {
  // onPick(id): a cell in the picture was clicked. onView(scale): screen pixels a pixel of the original.
  constructor(element, { overlay, onPick, onView }) {
    Object.assign(this, { overlay, onPick, onView, frame: null, tool: null });
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
    this.osd.canvas.append(overlay.svg);
    for (const moment of ["open", "update-viewport", "resize"]) this.osd.addHandler(moment, () => this.follow());
    // Keys belong to the page: arrows walk cells here as everywhere.
    this.osd.addHandler("canvas-key", (event) => (event.preventDefaultAction = true));
    this.osd.addHandler("canvas-click", (event) => event.quick && !this.tool && this.pick(event.position));
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
    this.overlay.fill([]);
    const opened = new Promise((resolve) => {
      this.osd.addOnceHandler("open", resolve);
      this.osd.addOnceHandler("open-failed", resolve);
    });
    const outlines = this.outlines(frame);
    this.osd.open(await sourceOf(frame));
    await opened;
    await this.redraw(outlines);
  }

  outlines({ cells }) {
    const none = { cells: [] };
    return fetch(cells, { headers: { Accept: "application/json" } }).then((reply) => (reply.ok ? reply.json() : none), () => none);
  }

  // Outlines as the server has them now.
  async redraw(outlines = this.outlines(this.frame)) {
    const frame = this.frame;
    const { cells } = await outlines;
    if (this.frame !== frame) return;
    this.overlay.fill(cells);
    this.follow();
  }

  follow() {
    if (!this.item) return;
    const origin = this.item.imageToViewerElementCoordinates(new OpenSeadragon.Point(0, 0));
    const unit = this.item.imageToViewerElementCoordinates(new OpenSeadragon.Point(1, 0));
    this.overlay.place(origin, unit.x - origin.x);
    this.onView(unit.x - origin.x);
  }

  // A place on the screen in pixels of the original.
  toImage({ x, y }) {
    const box = this.osd.element.getBoundingClientRect();
    const point = this.item.viewerElementToImageCoordinates(new OpenSeadragon.Point(x - box.left, y - box.top));
    return [point.x, point.y];
  }

  pick(position) {
    if (!this.item) return;
    const { x, y } = this.item.viewerElementToImageCoordinates(position);
    const hit = this.overlay.at([x, y]);
    if (hit) this.onPick(hit);
  }

  // Shows the cell: moves only if it is out of sight or too small to see; `close` always goes near.
  async show(frame, box, close = false) {
    await this.open(frame);
    if (!this.item || this.frame !== frame) return undefined;
    const place = this.item.imageToViewportRectangle(box.x, box.y, box.w, box.h);
    const seen = this.osd.viewport.getBounds();
    const wide = (Math.max(place.width, place.height) / seen.width) * this.osd.element.clientWidth;
    const isSeen = seen.containsPoint(place.getTopLeft()) && seen.containsPoint(place.getBottomRight());
    const centre = place.getCenter();
    if (!close && isSeen && wide >= SMALLEST_PX) return undefined;
    if (!close && wide >= SMALLEST_PX) return this.osd.viewport.panTo(centre);
    const [width, height] = [place.width * AROUND, place.height * AROUND];
    return this.osd.viewport.fitBounds(new OpenSeadragon.Rect(centre.x - width / 2, centre.y - height / 2, width, height));
  }

  // Towards the chosen cell where there is one in this picture, else towards the middle.
  zoom(factor, box = null) {
    if (!this.item) return;
    if (box && factor > 1) this.osd.viewport.panTo(this.item.imageToViewportRectangle(box.x, box.y, box.w, box.h).getCenter());
    this.osd.viewport.zoomBy(factor).applyConstraints();
  }

  pan(key) {
    const [x, y] = { ArrowLeft: [-PAN, 0], ArrowRight: [PAN, 0], ArrowUp: [0, -PAN], ArrowDown: [0, PAN] }[key];
    const seen = this.osd.viewport.getBounds();
    this.osd.viewport.panBy(new OpenSeadragon.Point(x * seen.width, y * seen.height)).applyConstraints();
  }

  fit() {
    this.osd.viewport.goHome();
  }

  // While a hand tool is on, the mouse draws instead of dragging the picture.
  hand(tool) {
    this.tool = tool;
    this.osd.setMouseNavEnabled(!tool);
  }
}
