// Puts the page together and lets the reader choose an individual of the hall of fame.

/** Without traces every individual can be chosen, else those that were simulated. */
function selectable(data) {
  return data.results.length || data.individuals.length;
}

function fillChooser(data, choose) {
  const options = Array.from({ length: selectable(data) }, (_, i) =>
    element("option", { value: i, textContent: `${i + 1}${i === 0 ? " (best)" : ""}: ${shortNumber(data.individuals[i].sum, 5)}` }));
  byId("individual").replaceChildren(...options);
  byId("individual").addEventListener("change", (event) => choose(Number(event.target.value)));
}

function makeReport() {
  const data = JSON.parse(byId("data").textContent);
  byId("name").textContent = data.name;
  showNotices(data);
  showFacts(data);
  makeMorphology();
  let parts = [];
  const choose = (individual) => {
    if (individual >= selectable(data)) return;
    byId("individual").value = individual;
    byId("choice").textContent = `sum ${shortNumber(data.individuals[individual].sum, 5)}, found in generation ${data.individuals[individual].generation}`;
    showSummary(data, individual);
    for (const part of parts) part.show(individual);
  };
  const traces = makeTraces(data);
  parts = [traces, makeObjectives(data), makeParameters(data, choose)];
  const { plot: convergence } = makeConvergence(data);
  fillChooser(data, choose);
  choose(0);
  return { data, choose, traces: traces.plots, convergence };
}

/** For the tests, and for readers who want the numbers: data, choose(individual), traces, convergence. */
window.cellwrightReport = makeReport();
