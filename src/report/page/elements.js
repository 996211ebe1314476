// Making elements and writing numbers. Text from users gets into the page by textContent only.

const colours = { good: "#2f8f5b", fair: "#d9a514", poor: "#c8553d", muted: "#616e7c", accent: "#1f5fa8", ghost: "#b8c4d0" };
const seriesColours = ["#1f5fa8", "#c8553d", "#2f8f5b", "#8a5fb0", "#b7791f", "#0f8b8d"];

function element(tag, properties = {}, children = []) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function svgElement(tag, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function byId(id) {
  return document.getElementById(id);
}

function seriesColour(index) {
  return seriesColours[index % seriesColours.length];
}

/** Good up to 1 standard deviation, fair up to 3. */
function scoreColour(score) {
  return score <= 1 ? colours.good : score <= 3 ? colours.fair : colours.poor;
}

/** A number with `digits` significant digits and no trailing zeros. */
function shortNumber(value, digits = 4) {
  if (value === null || value === undefined) return "–";
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  const rounded = Number(value.toPrecision(digits));
  return (size > 0 && (size < 1e-3 || size >= 1e7) ? rounded.toExponential() : String(rounded)).replaceAll("-", "−");
}

/** [least, largest] of all finite numbers in the lists. */
function extent(lists) {
  let low = Infinity, high = -Infinity;
  for (const list of lists) {
    for (const value of list) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return high >= low ? [low, high] : [0, 1];
}

function padded([low, high], part = 0.06) {
  const pad = high > low ? part * (high - low) : 1;
  return [low - pad, high + pad];
}
