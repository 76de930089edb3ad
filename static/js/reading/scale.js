// Zoom and scale bar of the picture: microns where they are known, else pixels of the original.
const NICE = [1, 2, 5];
const WIDEST_PX = 120;

function nice(most) {
  const power = 10 ** Math.floor(Math.log10(most));
  return Math.max(...NICE.map((one) => one * power).filter((one) => one <= most), power);
}

export function showScale(place, scale, mpp) {
  if (!place || !Number.isFinite(scale) || scale <= 0) return;
  const unit = Number(mpp) ? { name: "µm", px: scale / Number(mpp) } : { name: "px", px: scale };
  const length = nice(WIDEST_PX / unit.px);
  place.querySelector("[data-zoom]").textContent = `${scale < 10 ? scale.toFixed(1) : Math.round(scale)}×`;
  place.querySelector("[data-length]").textContent = `${length} ${unit.name}`;
  place.querySelector("[data-bar]").style.setProperty("inline-size", `${length * unit.px}px`);
}
