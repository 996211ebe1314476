// The parameters of the hall of fame between their bounds.

function rangeRow(data, parameter, k, choose) {
  const value = element("span", { className: "range-value" });
  const dots = data.individuals.map((individual, i) => {
    const part = (individual.params[k] - parameter.lower) / (parameter.upper - parameter.lower);
    const dot = element("button", { className: "range-dot", title: `${i + 1}: ${shortNumber(individual.params[k], 6)}`, style: `left: ${100 * part}%` });
    dot.addEventListener("click", () => choose(i));
    return dot;
  });
  const row = element("div", { className: "range-row" }, [
    element("span", { className: "range-name", textContent: parameter.name, title: parameter.name }),
    element("span", { className: "range-bound lower", textContent: shortNumber(parameter.lower) }),
    element("div", { className: "range-track" }, dots),
    element("span", { className: "range-bound", textContent: shortNumber(parameter.upper) }), value,
  ]);
  return { row, dots, value };
}

function makeParameters(data, choose) {
  if (data.parameters.length === 0) {
    byId("parameters").remove();
    return { show() {} };
  }
  const rows = data.parameters.map((parameter, k) => rangeRow(data, parameter, k, choose));
  byId("ranges").replaceChildren(...rows.map((row) => row.row));
  return {
    show(individual) {
      rows.forEach(({ dots, value }, k) => {
        dots.forEach((dot, i) => dot.classList.toggle("chosen", i === individual));
        value.textContent = shortNumber(data.individuals[individual].params[k], 6);
      });
    },
  };
}
