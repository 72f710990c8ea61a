// Draws every <div data-chart="id"> from the JSON in <script id="id">, in one style for light and dark.
// The figure says what is drawn (trace.meta.role); this file says how it looks. A trace without x has that of the first.
const colour = (() => {
  const probe = document.createElement("i");
  probe.hidden = true;
  document.body.append(probe);
  return (name, strength) => {
    probe.style.color = `var(--${name})`;
    const value = getComputedStyle(probe).color;
    return strength === undefined ? value : value.replace("rgb(", "rgba(").replace(")", `, ${strength})`);
  };
})();

const bySign = (values) => values.map((value) => (value < 0 ? colour("loss") : colour("profit")));

// How a role looks. Roles are named in journal/charts.py.
const roles = {
  line: () => ({ line: { color: colour("accent"), width: 1.75 } }),
  quiet: () => ({ line: { color: colour("ink-3"), width: 1, dash: "dot" } }),
  underwater: () => ({ line: { color: colour("loss"), width: 1 }, fillcolor: colour("loss", 0.16) }),
  bars: (trace) => ({ marker: { color: bySign(trace.orientation === "h" ? trace.x : trace.y), line: { width: 0 } } }),
  neutral: () => ({ marker: { color: colour("ink-3"), line: { width: 0 } } }),
  spread: (trace) => ({ marker: { color: bySign(trace.x), line: { width: 0 } } }),
  placed: (trace) => ({
    marker: { color: bySign(trace.meta.signs), opacity: 0.9, line: { width: 1, color: colour("surface") } },
    ...(trace.error_x && { error_x: { ...trace.error_x, color: colour("ink-3") } }),
  }),
  dots: () => ({ line: { color: colour("accent"), width: 1.25 }, marker: { color: colour("accent"), line: { width: 1, color: colour("surface") } } }),
  ring: () => ({ marker: { symbol: "circle-open", color: colour("ink-3"), line: { width: 1.5, color: colour("ink-3") } } }),
  luck: () => ({ marker: { color: colour("ink-3", 0.2), line: { width: 0 } } }),
  even: () => ({ line: { color: colour("ink-3"), width: 1.5 } }),
  ghost: () => ({ marker: { color: colour("surface"), size: 8, line: { width: 1.5, color: colour("ink-3") } } }),
  shrunk: (trace) => ({ marker: { color: colour("accent"), size: 9, line: { width: 1, color: colour("surface") } }, error_x: { ...trace.error_x, color: colour("accent") } }),
  "claim-raised": () => ({ marker: { symbol: "circle-open", color: colour("accent"), size: 11, line: { width: 2 } } }),
  "claim-confirmed": () => ({ marker: { symbol: "circle", color: colour("profit"), size: 12 } }),
  "claim-weakened": () => ({ marker: { symbol: "diamond", color: colour("warn"), size: 11 } }),
  "claim-faded": () => ({ marker: { symbol: "x", color: colour("loss"), size: 10 } }),
  "claim-retired": () => ({ marker: { symbol: "x", color: colour("ink-3"), size: 10 } }),
  edge: () => ({ line: { width: 0 } }),
  band: () => ({ line: { width: 0 }, fillcolor: colour("ink-3", 0.18) }),
  payoff: () => ({ line: { color: colour("accent"), width: 1.75 }, fillcolor: colour("accent", 0.1) }),
  stop: () => ({ line: { color: colour("loss"), width: 1.5, dash: "dash" } }),
  target: () => ({ line: { color: colour("profit"), width: 1.5, dash: "dash" } }),
  in: () => ({ marker: { symbol: "triangle-right", color: colour("ink"), size: 12, line: { width: 1.5, color: colour("surface") } } }),
  out: () => ({ marker: { symbol: "triangle-left", color: colour("ink"), size: 12, line: { width: 1.5, color: colour("surface") } } }),
  points: (trace) => ({ marker: { color: bySign(trace.y), size: 7, opacity: 0.75, line: { width: 1, color: colour("surface") } } }),
};

const axisStyle = () => ({
  gridcolor: colour("line"),
  gridwidth: 1,
  zerolinecolor: colour("control-line"),
  zerolinewidth: 1,
  linecolor: colour("line-strong"),
  tickcolor: colour("line-strong"),
  tickfont: { color: colour("ink-3"), size: 12 },
  spikecolor: colour("line-strong"),
  spikethickness: -2, // negative: without a halo
  spikedash: "solid",
});

// On a phone the drawing needs the width: names stand above their lines, the sentence says the last values, what is written below stays level.
const NARROW = 560;
const levelled = ({ xaxis, yaxis }) => {
  if (!xaxis || xaxis.type === "category") return xaxis;
  return { ...xaxis, nticks: yaxis?.tickmode === "array" ? 3 : 4, tickangle: 0 };
};
const narrowed = (layout) => {
  const atLine = (note) => note.xref === "paper" && note.xanchor === "left";
  const above = (note) => ({ ...note, text: note.text.split("<br>")[0], x: 0, xshift: 0, y: 1, yref: `${note.yref} domain`, yanchor: "bottom" });
  const notes = layout.annotations || [];
  return {
    ...layout,
    annotations: notes.map((note) => (atLine(note) ? above(note) : note)),
    margin: notes.some(atLine) ? { ...layout.margin, r: 16 } : layout.margin,
    xaxis: levelled(layout),
  };
};

const styled = (figure, isNarrow) => {
  const family = getComputedStyle(document.body).fontFamily;
  const layout = {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family, size: 12, color: colour("ink-2") },
    showlegend: false,
    dragmode: "zoom",
    modebar: { bgcolor: "rgba(0,0,0,0)", color: colour("line-strong"), activecolor: colour("ink-2") },
    ...(isNarrow ? narrowed(figure.layout) : figure.layout),
    hoverlabel: { bgcolor: colour("surface"), bordercolor: colour("line-strong"), font: { family, size: 13, color: colour("ink") }, align: "left" },
  };
  for (const name of Object.keys(layout)) {
    if (/^[xy]axis\d*$/.test(name)) layout[name] = { ...axisStyle(), ...layout[name] };
  }
  for (const shape of layout.shapes || []) shape.line = { color: colour("control-line"), width: 1, dash: "dot", ...shape.line };
  for (const note of layout.annotations || []) note.font = { family, size: 12, color: colour("ink-3"), ...note.font };
  const data = figure.data.map((trace) => {
    const look = roles[trace.meta?.role]?.(trace) || {};
    const merged = { x: figure.data[0].x, ...trace, ...look };
    for (const part of ["line", "marker"]) if (trace[part] || look[part]) merged[part] = { ...trace[part], ...look[part] };
    merged.textfont = { family, size: 12, color: colour("ink-2"), ...trace.textfont };
    return merged;
  });
  return { data, layout: { ...layout, autosize: true } };
};

const config = {
  displaylogo: false,
  responsive: true,
  modeBarButtons: [["toImage", "zoomIn2d", "zoomOut2d", "resetScale2d"]],
};

const addressOf = (point) => {
  const own = Array.isArray(point.customdata) ? point.customdata[0] : point.customdata;
  return own || point.data.meta?.address?.replaceAll("{x}", point.data.x[point.pointNumber]);
};

const draw = async (box) => {
  const source = document.getElementById(box.dataset.chart);
  if (!source || !window.Plotly) return;
  const isNarrow = box.clientWidth < NARROW;
  const { data, layout } = styled(JSON.parse(source.textContent), isNarrow);
  await window.Plotly.react(box, data, layout, { ...config, displayModeBar: isNarrow ? false : "hover" });
  if (box.dataset.drawn) return;
  box.dataset.drawn = "yes";
  if (data.some((trace) => trace.customdata || trace.meta?.address)) box.classList.add("chart--clickable");
  box.on("plotly_click", (event) => {
    const url = event.points.map(addressOf).find((address) => typeof address === "string" && address.startsWith("/"));
    if (url) location.assign(url);
  });
};

const drawAll = (scope = document) => scope.querySelectorAll("[data-chart]").forEach((box) => draw(box));

drawAll();
document.addEventListener("fillbook:appearance", () => drawAll());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll());
document.addEventListener("htmx:afterSettle", (event) => drawAll(event.target));
