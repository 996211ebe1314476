// The protocols: traces with the targets drawn under them, the stimulus, and a table of features.

/** The value on the straight lines between the points; null outside. */
function valueAt(xs, ys, x) {
  if (xs.length === 0 || x < xs[0] || x > xs[xs.length - 1]) return null;
  let low = 0, high = xs.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (xs[middle] <= x) low = middle; else high = middle;
  }
  const width = xs[high] - xs[low];
  return width > 0 ? ys[low] + (ys[high] - ys[low]) * (x - xs[low]) / width : ys[high];
}

/** Rows [t, value of each line] for dygraphs: every line has points at times of its own, the others have none there. */
function mergedRows(lines) {
  const rows = [];
  lines.forEach((line, k) => {
    line.x.forEach((x, i) => {
      const row = new Array(lines.length + 1).fill(null);
      row[0] = x;
      row[k + 1] = line.y[i];
      rows.push(row);
    });
  });
  return rows.sort((a, b) => a[0] - b[0]);
}

/** What both plots of a protocol have in common. */
function plotOptions(duration) {
  return {
    connectSeparatedPoints: true, legend: "never", dateWindow: [0, duration], drawPoints: false, highlightCircleSize: 2,
    gridLineColor: "#e4e7eb", axisLineColor: "#cbd2d9", rightGap: 10, strokeWidth: 1.2,
    axes: { y: { axisLabelWidth: 48, pixelsPerLabel: 32, valueFormatter: (v) => shortNumber(v) }, x: { drawGrid: false } },
  };
}

/** Draws the targets of the shown features into the plot's background. */
function drawTargets(canvas, area, plot, features, focus) {
  for (const feature of features) {
    if (!feature.mark || (focus && focus !== feature)) continue;
    const level = feature.mark === "level";
    const offset = level ? 0 : feature.start;
    const toPixel = (value) => (level ? plot.toDomYCoord(value) : plot.toDomXCoord(value));
    const from = toPixel(offset + feature.mean - feature.std), to = toPixel(offset + feature.mean + feature.std);
    const left = level ? plot.toDomXCoord(feature.start) : from, right = level ? plot.toDomXCoord(feature.end) : to;
    const top = level ? to : area.y, bottom = level ? from : area.y + area.h;
    canvas.save();
    canvas.beginPath();
    canvas.rect(area.x, area.y, area.w, area.h);
    canvas.clip();
    canvas.fillStyle = canvas.strokeStyle = seriesColour(feature.recording);
    canvas.globalAlpha = focus ? 0.35 : 0.14;
    canvas.fillRect(left, top, Math.max(right - left, 1), Math.max(bottom - top, 1));
    canvas.globalAlpha = focus ? 1 : 0.6;
    canvas.setLineDash([5, 4]);
    const middle = toPixel(offset + feature.mean);
    canvas.beginPath();
    canvas.moveTo(level ? left : middle, level ? middle : top);
    canvas.lineTo(level ? right : middle, level ? middle : bottom);
    canvas.stroke();
    canvas.restore();
  }
}

/** Zooming one plot in time zooms the others. */
function synchronise(plots) {
  let busy = false;
  for (const plot of plots) {
    plot.updateOptions({
      drawCallback: (drawn, initial) => {
        if (busy || initial) return;
        busy = true;
        const window = drawn.xAxisRange();
        for (const other of plots) {
          if (other !== drawn && String(other.xAxisRange()) !== String(window)) other.updateOptions({ dateWindow: window });
        }
        busy = false;
      },
    });
  }
}

/** Deviation of a feature's mean from its target: a dot on a line from -4 to 4 standard deviations, where larger ones stop. */
function deviationDot(feature, value, score) {
  const width = 88, x = (z) => width / 2 + Math.max(-4, Math.min(4, z)) * (width / 2 - 6) / 4;
  const strip = svgElement("svg", { width, height: 16, class: "deviation" });
  if (value !== null) {
    strip.append(svgElement("line", { x1: 2, x2: width - 2, y1: 8, y2: 8, stroke: "#cbd2d9" }),
      svgElement("rect", { x: x(-1), y: 3, width: x(1) - x(-1), height: 10, fill: "#d8ecdf" }),
      svgElement("line", { x1: x(0), x2: x(0), y1: 2, y2: 14, stroke: colours.good }));
    const z = (value - feature.mean) / feature.std;
    strip.append(svgElement("circle", { cx: x(z), cy: 8, r: 4.5, fill: scoreColour(score), stroke: "white", "data-z": z }));
  } else {
    const text = svgElement("text", { x: width / 2, y: 12, "text-anchor": "middle", "font-size": 11, fill: colours.poor });
    text.textContent = "no value";
    strip.append(text);
  }
  return strip;
}

function placeRow(protocol, recording) {
  return element("tr", { className: "place" },
    [element("td", { colSpan: 5, textContent: protocol.recordings[recording].name, style: `color: ${seriesColour(recording)}` })]);
}

function featureRow(feature, value, score, onFocus) {
  const unit = feature.unit ? ` ${feature.unit}` : "";
  const row = element("tr", { title: feature.name }, [
    element("td", { textContent: feature.label }),
    element("td", {}, [deviationDot(feature, value, score)]),
    element("td", { className: "number", textContent: shortNumber(value) }),
    element("td", { className: "number", textContent: `${shortNumber(feature.mean)} ± ${shortNumber(feature.std, 3)}${unit}` }),
    element("td", { className: "number", textContent: shortNumber(score, 3), style: `color: ${scoreColour(score)}` }),
  ]);
  row.addEventListener("mouseenter", () => onFocus(feature));
  row.addEventListener("mouseleave", () => onFocus(null));
  return row;
}

const featureHeads = ["feature", "±4 std", "value", "target", "score"];

function featureTable(data, protocol, features, individual, onFocus) {
  const body = element("tbody");
  let recording = -1;
  for (const feature of features) {
    if (feature.recording !== recording && protocol.recordings.length > 1) body.append(placeRow(protocol, feature.recording));
    recording = feature.recording;
    const k = data.features.indexOf(feature);
    body.append(featureRow(feature, data.results[individual].values[k], data.results[individual].scores[k], onFocus));
  }
  const head = element("tr", {}, featureHeads.map((text, k) => element("th", { textContent: text, className: k > 1 ? "number" : "" })));
  return element("table", { className: "features" }, [element("thead", {}, [head]), body]);
}

/** The lines of one protocol: each recording of the chosen individual and, in grey under it, that of the best. */
function tracesOf(data, protocolIndex, individual) {
  const recordings = data.protocols[protocolIndex].recordings;
  const lines = [];
  const add = (who, name, colour) => {
    data.results[who].traces[protocolIndex].forEach((trace, r) => {
      if (trace) lines.push({ x: trace.t, y: trace.v, label: name(recordings[r]), colour: colour(r), recording: r, who });
    });
  };
  if (individual !== 0) add(0, (recording) => `${recording.name} of the best`, () => colours.ghost);
  add(individual, (recording) => recording.name, seriesColour);
  return lines;
}

class ProtocolPlot {
  constructor(data, index, container) {
    this.data = data;
    this.index = index;
    this.protocol = data.protocols[index];
    this.features = data.features.filter((feature) => feature.protocol === index);
    this.focus = null;
    this.legend = element("div", { className: "legend" });
    this.problem = element("span", { className: "problem" });
    this.traceBox = element("div", { className: "plot-trace" });
    this.stimulusBox = element("div", { className: "plot-stimulus" });
    this.table = element("div");
    const title = element("div", { className: "protocol-title" },
      [element("h3", { textContent: this.protocol.name }), this.legend, this.problem]);
    container.append(element("div", { className: "protocol" },
      [title, element("div", {}, [this.traceBox, this.stimulusBox]), this.table]));
    this.lines = [];
    this.plot = this.makeTracePlot();
    this.stimulus = this.makeStimulusPlot();
    synchronise([this.plot, this.stimulus]);
  }

  makeTracePlot() {
    return new Dygraph(this.traceBox, [[0, null]], {
      ...plotOptions(this.protocol.duration), labels: ["t", "none"], ylabel: this.protocol.recordings[0].unit, yLabelWidth: 16,
      underlayCallback: (canvas, area, plot) => drawTargets(canvas, area, plot, this.features, this.focus),
      highlightCallback: (event, x) => this.writeLegend(x), unhighlightCallback: () => this.writeLegend(null),
    });
  }

  makeStimulusPlot() {
    const lines = this.protocol.stimuli.map((stimulus) => ({ x: stimulus.t, y: stimulus.i, label: stimulus.label }));
    if (lines.length === 0) lines.push({ x: [0, this.protocol.duration], y: [0, 0], label: "none" });
    return new Dygraph(this.stimulusBox, mergedRows(lines), {
      ...plotOptions(this.protocol.duration), labels: ["t", ...lines.map((line, k) => `${k + 1} ${line.label}`)], xlabel: "ms", ylabel: "nA",
      xLabelHeight: 14, yLabelWidth: 16, colors: ["#52606d", "#829ab1", "#9aa5b1"], valueRange: padded(extent([...lines.map((line) => line.y), [0]]), 0.15),
      highlightCallback: (event, x) => this.writeLegend(x), unhighlightCallback: () => this.writeLegend(null),
    });
  }

  show(individual) {
    this.lines = tracesOf(this.data, this.index, individual);
    const levels = this.features.filter((f) => f.mark === "level").map((f) => [f.mean - f.std, f.mean + f.std]);
    // Labels are keys in dygraphs: a number makes them different.
    this.plot.updateOptions({
      file: this.lines.length ? mergedRows(this.lines) : [[0, null]],
      labels: ["t", ...(this.lines.length ? this.lines.map((line, k) => `${k} ${line.label}`) : ["none"])],
      colors: this.lines.length ? this.lines.map((line) => line.colour) : [colours.ghost],
      valueRange: padded(extent([...this.lines.map((line) => line.y), ...levels])),
    });
    this.problem.textContent = this.data.results[individual].errors[this.index];
    this.table.replaceChildren(featureTable(this.data, this.protocol, this.features, individual, (feature) => this.focusOn(feature)));
    this.writeLegend(null);
  }

  focusOn(feature) {
    this.focus = feature && feature.mark ? feature : null;
    this.plot.updateOptions({});
  }

  /** Names of the lines and, at a time, their values. */
  writeLegend(time) {
    const entries = this.lines.map((line) => {
      const value = time === null ? null : valueAt(line.x, line.y, time);
      const unit = this.protocol.recordings[line.recording].unit;
      const text = value === null ? line.label : `${line.label} ${shortNumber(value)}${unit ? ` ${unit}` : ""}`;
      return element("span", { textContent: text, style: `color: ${line.colour === colours.ghost ? colours.muted : line.colour}` });
    });
    if (time !== null) entries.unshift(element("span", { className: "time", textContent: `${shortNumber(time, 6)} ms` }));
    this.legend.replaceChildren(...entries);
  }
}

function makeTraces(data) {
  if (data.protocols.length === 0) {
    byId("traces").remove();
    return { show() {}, plots: [] };
  }
  const plots = data.protocols.map((protocol, index) => new ProtocolPlot(data, index, byId("protocols")));
  return { show: (individual) => plots.forEach((plot) => plot.show(individual)), plots };
}
