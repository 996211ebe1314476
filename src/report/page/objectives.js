// A bar for each objective, worst first.

function worstFirst(scores) {
  return scores.map((score, k) => k).sort((a, b) => scores[b] - scores[a] || a - b);
}

/** Longer bars are cut: one failed objective would squash all others. */
function scoreAxisEnd(scores) {
  return Math.max(3, Math.min(10, Math.max(...scores)));
}

function barRow(data, individual, k, end) {
  const score = data.individuals[individual].scores[k];
  const width = 100 * Math.min(score, end) / end;
  const guides = [1, 3].map((at) => element("div", { className: "guide", style: `left: ${100 * at / end}%` }));
  const bar = element("div", { className: "bar", style: `width: ${width}%; background: ${scoreColour(score)}` });
  const value = element("span", { className: "bar-value", textContent: shortNumber(score, 3), style: `left: ${width}%` });
  const row = element("div", { className: "bar-row", title: barTitle(data, individual, k) }, [
    element("div", { className: "bar-name", textContent: data.objectives[k] }),
    element("div", { className: "bar-track" }, [...guides, bar, value]),
  ]);
  row.dataset.score = score;
  return row;
}

function barTitle(data, individual, k) {
  const name = data.objectives[k];
  const f = data.features.findIndex((feature) => feature.name === name);
  const result = data.results[individual];
  if (f < 0 || !result) return name;
  const feature = data.features[f];
  return `${name}: ${shortNumber(result.values[f], 6)}, target ${shortNumber(feature.mean, 6)} ± ${shortNumber(feature.std, 6)} ${feature.unit}`;
}

function barAxis(end) {
  const marks = [0, 1, 3].filter((at) => at < end).concat(end);
  const labels = marks.map((at) => element("span", { textContent: shortNumber(at, 3), style: `left: ${100 * at / end}%` }));
  return element("div", { className: "bar-row" }, [element("div"), element("div", { className: "bar-axis" }, labels)]);
}

function makeObjectives(data) {
  byId("objectives").querySelector(".hint").textContent = data.features.length
    ? "Standard deviations from the target, the worst first. Green: at most 1; yellow: at most 3." : "Scores, the worst first.";
  return {
    show(individual) {
      const scores = data.individuals[individual].scores;
      const end = scoreAxisEnd(scores);
      byId("bars").replaceChildren(...worstFirst(scores).map((k) => barRow(data, individual, k, end)), barAxis(end));
    },
  };
}
