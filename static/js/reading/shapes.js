// Outlines as arrays of [x, y] in pixels of the upright original. Pure.
const CIRCLE_POINTS = 24;

export const boxOf = (outline) => {
  const [xs, ys] = [outline.map(([x]) => x), outline.map(([, y]) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return [x, y, Math.max(...xs) - x + 1, Math.max(...ys) - y + 1].map(Math.round);
};

export const inside = ([x, y], contour) =>
  contour.reduce((odd, [x1, y1], at) => {
    const [x2, y2] = contour[(at + 1) % contour.length];
    return y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1 ? !odd : odd;
  }, false);

export const rounded = (outline) => outline.map((point) => point.map(Math.round));

export function circle([x, y], diameter) {
  const turn = (at) => (2 * Math.PI * at) / CIRCLE_POINTS;
  return Array.from({ length: CIRCLE_POINTS }, (_, at) => [x + (Math.cos(turn(at)) * diameter) / 2, y + (Math.sin(turn(at)) * diameter) / 2]);
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length ? sorted[Math.floor(sorted.length / 2)] : null;
}

// Every n-th point, so that no more than `most` are left.
export const thinned = (outline, most = 200) => outline.filter((_, at) => at % Math.ceil(outline.length / most) === 0);

const side = ([x, y], [[x1, y1], [x2, y2]]) => (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1);

// What of a polygon lies on one side of a line. Source: Sutherland and Hodgman, Comm. ACM 17 (1974).
function clipped(outline, line, sign) {
  return outline.flatMap((point, at) => {
    const next = outline[(at + 1) % outline.length];
    const [here, there] = [side(point, line) * sign, side(next, line) * sign];
    const kept = here >= 0 ? [point] : [];
    if (here * there >= 0) return kept;
    const share = here / (here - there);
    return [...kept, point.map((value, axis) => value + share * (next[axis] - value))];
  });
}

// The two parts of an outline on both sides of a line, or null where the line misses it.
export function cutBy(outline, line) {
  const parts = [1, -1].map((sign) => clipped(outline, line, sign));
  return parts.every((part) => part.length >= 3) ? parts : null;
}

// Source: Andrew, Another efficient algorithm for convex hulls, Inf. Process. Lett. 9 (1979).
export function hullOf(points) {
  const ordered = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  return [...chain(ordered), ...chain(ordered.reverse())];
}

function chain(points) {
  const kept = [];
  for (const point of points) {
    while (kept.length > 1 && side(point, kept.slice(-2)) <= 0) kept.pop();
    kept.push(point);
  }
  return kept.slice(0, -1);
}
