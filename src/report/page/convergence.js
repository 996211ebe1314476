// Best, mean and spread of the sums of scores over the generations.

function makeConvergence(data) {
  const course = data.convergence;
  if (course.gen.length === 0) {
    byId("convergence").remove();
    return { plot: null };
  }
  const rows = course.gen.map((generation, k) => [
    generation, [course.best[k], course.best[k], course.best[k]], [course.low[k], course.avg[k], course.high[k]]]);
  const positive = course.low.every((value) => value > 0);
  const span = Math.max(course.gen[course.gen.length - 1], course.gen[0] + 1);
  const [low, high] = extent([course.low, course.best, course.high]);
  const plot = new Dygraph(byId("course"), rows, {
    labels: ["generation", "best so far", "mean ± std"], customBars: true, logscale: positive, colors: [colours.accent, colours.muted],
    dateWindow: [course.gen[0], span], valueRange: positive ? [low / 1.1, high * 1.1] : padded([low, high]), legend: "follow", xlabel: "generation", ylabel: "sum of scores", yLabelWidth: 18, xLabelHeight: 16, strokeWidth: 2,
    fillAlpha: 0.2, gridLineColor: "#e4e7eb", axisLineColor: "#cbd2d9", rightGap: 20, drawPoints: rows.length < 30, pointSize: 2.5,
    axes: { x: { drawGrid: false, axisLabelFormatter: (g) => (Number.isInteger(g) ? String(g) : ""), valueFormatter: (g) => `generation ${g}` },
      y: { axisLabelWidth: 56, valueFormatter: (v) => shortNumber(v, 5), axisLabelFormatter: (v) => shortNumber(v, 4) } },
  });
  const box = byId("logarithmic");
  box.checked = positive;
  box.disabled = !positive;
  box.addEventListener("change", () => plot.updateOptions({ logscale: box.checked }));
  return { plot };
}
