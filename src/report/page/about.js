// Notices, key figures, settings and commands.

function showNotices(data) {
  byId("notices").replaceChildren(...data.notices.map((text) => element("div", { className: "notice", textContent: text })));
}

function figure(value, label) {
  return element("div", { className: "figure" }, [element("b", { textContent: value }), element("span", { textContent: label })]);
}

function showSummary(data, individual) {
  const chosen = data.individuals[individual];
  const worst = worstFirst(chosen.scores)[0];
  const fact = (label) => (data.facts.flatMap((table) => table.rows).find((row) => row[0] === label) || [])[1];
  const within = chosen.scores.filter((score) => score <= 1).length;
  const figures = [
    figure(shortNumber(chosen.sum, 5), "sum of scores"),
    figure(`${within} of ${chosen.scores.length}`, data.features.length ? "objectives within 1 std" : "scores at most 1"),
    figure(shortNumber(chosen.scores[worst], 4), `worst: ${data.objectives[worst]}`),
    figure(fact("generations"), "generations"), figure(fact("evaluations"), "evaluations"),
  ];
  if (fact("time of all generations")) figures.push(figure(fact("time of all generations"), "time of all generations"));
  byId("summary").replaceChildren(...figures);
}

function factTable(table) {
  const rows = table.rows.map(([label, value]) => element("tr", {}, [element("td", { textContent: label }), element("td", { textContent: value })]));
  return element("table", {}, [element("caption", { textContent: table.title }), element("tbody", {}, rows)]);
}

function showFacts(data) {
  byId("facts").replaceChildren(...data.facts.map(factTable));
  byId("commands").replaceChildren(...data.commands.map(([what, command]) =>
    element("div", { className: "command" }, [element("span", { textContent: what }), element("pre", { textContent: command })])));
}
