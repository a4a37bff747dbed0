// Draws a result's curves with uPlot: <div data-chart="equity" data-series="/address"> gets the JSON at that address.
// Drawings of one address share one span: dragging over one, or pressing a [data-span] button, asks for that span only,
// so a closer look has more detail. Colours come from the page's theme; dashes and shapes tell lines apart without them.

const HEIGHTS = { equity: 280, drawdown: 160, candles: 340, compare: 320 };
const DASHES = [[], [6, 4], [2, 3], [10, 4, 2, 4], [14, 4], [4, 2]];
const CLOSEST_SEC = 60;
const DAY_SEC = 86400;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const NUMBER = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });
const utc = (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC");
const said = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ");
const value = (number, unit = "") => (number == null ? "–" : `${NUMBER.format(number)}${unit}`);

function colours() {
  const style = getComputedStyle(document.body);
  const of = (name) => style.getPropertyValue(name).trim();
  return {
    text: of("--p-muted"), line: of("--p-line"), main: of("--p-line-1"), other: of("--p-line-2"),
    up: of("--p-good"), down: of("--p-bad"), ink: of("--p-ink"),
    six: [1, 2, 3, 4, 5, 6].map((number) => of(`--p-line-${number}`)),
  };
}

// Days and months in words, so that nobody takes the 4th of March for the 3rd of April.
function moments(plot, splits, axis, space, step) {
  return splits.map((seconds) => {
    const date = new Date(seconds * 1000);
    const day = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
    if (step >= 28 * DAY_SEC) return `${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
    return step >= DAY_SEC || seconds % DAY_SEC === 0 ? day : date.toISOString().slice(11, 16);
  });
}

function axes(palette, unit) {
  const common = { stroke: palette.text, grid: { stroke: palette.line, width: 1 }, ticks: { stroke: palette.line, width: 1 } };
  return [{ ...common, values: moments, space: 64, size: 32 }, { ...common, size: 64, values: (_, ticks) => ticks.map((tick) => `${NUMBER.format(tick)}${unit}`) }];
}

// Kinds of drawings: what uPlot is given, and what the line below says of a place.

const KINDS = {
  equity(found, palette) {
    return {
      data: [found.times, found.equity, found.hold],
      series: [
        { label: "Strategy", stroke: palette.main, width: 1.6 },
        { label: "Buy and hold", stroke: palette.other, width: 1.2, dash: DASHES[1] },
      ],
      unit: "",
      say: (at) => `strategy ${value(found.equity[at])}, buy and hold ${value(found.hold[at])} USD`,
    };
  },

  drawdown(found, palette) {
    return {
      data: [found.times, found.drawdown],
      series: [{ label: "Drawdown", stroke: palette.down, fill: `${palette.down}33`, width: 1.2 }],
      unit: " %",
      say: (at) => `${value(found.drawdown[at], " %")} below the peak`,
    };
  },

  candles(found, palette) {
    const bars = found.candles;
    return {
      data: [bars.times, bars.high, bars.low],
      series: [{ label: "High", paths: () => null, points: { show: false } }, { label: "Low", paths: () => null, points: { show: false } }],
      unit: "",
      draw: [(plot) => drawCandles(plot, bars, palette), (plot) => drawTrades(plot, found.trades, palette)],
      say: (at) => `open ${value(bars.open[at])}, high ${value(bars.high[at])}, low ${value(bars.low[at])}, close ${value(bars.close[at])}`,
    };
  },

  compare(found, palette) {
    const data = uPlot.join(found.lines.map((line) => [line.times, line.values]));
    return {
      data,
      series: found.lines.map((line, place) => ({
        label: String(place + 1), stroke: palette.six[place], width: 1.5, dash: DASHES[place], spanGaps: true,
      })),
      unit: " %",
      say: (at) => found.lines.map((_, place) => `${place + 1}: ${value(lastKnown(data[place + 1], at), " %")}`).join(", "),
    };
  },
};

function lastKnown(values, at) {
  for (let place = at; place >= 0; place -= 1) if (values[place] != null) return values[place];
  return null;
}

function clipped(plot, work) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  work(ctx, (seconds) => plot.valToPos(seconds, "x", true), (price) => plot.valToPos(price, "y", true));
  ctx.restore();
}

// A rising candle is hollow, a falling one filled.
function drawCandles(plot, bars, palette) {
  clipped(plot, (ctx, x, y) => {
    const width = Math.max(1, Math.min(14, (plot.bbox.width / bars.times.length) * 0.65));
    bars.times.forEach((seconds, place) => {
      const rises = bars.close[place] >= bars.open[place];
      const [top, bottom] = rises ? [bars.close[place], bars.open[place]] : [bars.open[place], bars.close[place]];
      const middle = Math.round(x(seconds));
      ctx.strokeStyle = ctx.fillStyle = rises ? palette.up : palette.down;
      ctx.lineWidth = 1;
      ctx.beginPath();
      ctx.moveTo(middle, y(bars.high[place]));
      ctx.lineTo(middle, y(top));
      ctx.moveTo(middle, y(bottom));
      ctx.lineTo(middle, y(bars.low[place]));
      ctx.stroke();
      const height = Math.max(1, y(bottom) - y(top));
      if (rises && width > 3) ctx.strokeRect(middle - width / 2, y(top), width, height);
      else ctx.fillRect(middle - width / 2, y(top), width, height);
    });
  });
}

function drawTrades(plot, trades, palette) {
  clipped(plot, (ctx, x, y) => {
    // Hundreds of marks would hide the bars.
    const isCrowded = trades.length > 80;
    const size = (isCrowded ? 2.5 : 5) * devicePixelRatio;
    trades.forEach(([entry, entryPrice, exit, exitPrice, side]) => {
      ctx.strokeStyle = ctx.fillStyle = palette.ink;
      if (!isCrowded) connect(ctx, x(entry), y(entryPrice), x(exit), y(exitPrice));
      triangle(ctx, x(entry), y(entryPrice), size, side);
      cross(ctx, x(exit), y(exitPrice), size * 0.8);
    });
  });
}

function connect(ctx, fromX, fromY, toX, toY) {
  ctx.setLineDash([3, 3]);
  ctx.beginPath();
  ctx.moveTo(fromX, fromY);
  ctx.lineTo(toX, toY);
  ctx.stroke();
  ctx.setLineDash([]);
}

function triangle(ctx, x, y, size, side) {
  ctx.beginPath();
  ctx.moveTo(x, y - side * size);
  ctx.lineTo(x - size, y + side * size);
  ctx.lineTo(x + size, y + side * size);
  ctx.closePath();
  ctx.fill();
}

function cross(ctx, x, y, size) {
  ctx.lineWidth = size > 4 ? 2 : 1;
  ctx.beginPath();
  ctx.moveTo(x - size, y - size);
  ctx.lineTo(x + size, y + size);
  ctx.moveTo(x - size, y + size);
  ctx.lineTo(x + size, y - size);
  ctx.stroke();
  ctx.lineWidth = 1;
}

// One address and its drawings.

class Board {
  constructor(address, boxes) {
    this.address = address;
    this.boxes = boxes;
    this.plots = [];
    this.whole = null;
    this.span = null;
  }

  async load(span) {
    const query = span ? `${this.address.includes("?") ? "&" : "?"}from=${Math.floor(span[0])}&to=${Math.ceil(span[1])}` : "";
    const answer = await fetch(this.address + query, { credentials: "same-origin" });
    if (!answer.ok) return;
    this.found = await answer.json();
    const times = this.found.times;
    if (times) {
      this.span = [times[0], times[times.length - 1]];
      this.whole = this.whole || this.span;
    }
    this.draw();
  }

  draw() {
    this.plots.forEach((plot) => plot.destroy());
    const palette = colours();
    this.plots = this.boxes.map((box) => this.drawn(box, palette));
    this.say();
  }

  drawn(box, palette) {
    const kind = KINDS[box.dataset.chart](this.found, palette);
    const readout = document.querySelector(`[data-readout="${box.dataset.chart}"]`);
    const options = {
      width: box.clientWidth,
      height: HEIGHTS[box.dataset.chart],
      tzDate: utc,
      legend: { show: false },
      cursor: { drag: { x: Boolean(this.whole), y: false, setScale: false }, points: { size: 6 } },
      series: [{}, ...kind.series],
      axes: axes(palette, kind.unit),
      hooks: {
        draw: kind.draw || [],
        setSelect: [(plot) => this.select(plot)],
        setCursor: [(plot) => this.read(plot, kind, readout)],
      },
    };
    box.replaceChildren();
    const plot = new uPlot(options, kind.data, box);
    box.dataset.drawn = "1";
    return plot;
  }

  read(plot, kind, readout) {
    if (!readout) return;
    const at = plot.cursor.idx;
    readout.textContent = at == null ? "" : `${said(plot.data[0][at])}: ${kind.say(at)}`;
  }

  select(plot) {
    if (!this.whole || plot.select.width < 8) return;
    const from = plot.posToVal(plot.select.left, "x");
    const to = plot.posToVal(plot.select.left + plot.select.width, "x");
    this.show(from, to);
  }

  show(from, to) {
    const [first, last] = this.whole;
    const wide = Math.max(to - from, CLOSEST_SEC);
    const begin = Math.max(first, Math.min(from, last - wide));
    this.load([begin, Math.min(last, begin + wide)]).catch(() => {});
  }

  press(deed) {
    const [from, to] = this.span;
    const wide = to - from;
    if (deed === "all") this.load(null).catch(() => {});
    else if (deed === "in") this.show(from + wide / 4, to - wide / 4);
    else if (deed === "out") this.show(from - wide / 2, to + wide / 2);
    else if (deed === "back") this.show(from - wide / 2, to - wide / 2);
    else this.show(from + wide / 2, to + wide / 2);
  }

  say() {
    const note = document.querySelector("[data-left-out]");
    if (!note || !this.found.trades) return;
    note.hidden = this.found.trades_left_out === 0;
    note.textContent = `${this.found.trades_left_out} more trades are not marked; look closer to see them.`;
  }

  resize() {
    this.plots.forEach((plot, place) => plot.setSize({ width: this.boxes[place].clientWidth, height: plot.height }));
  }
}

document.addEventListener("DOMContentLoaded", () => {
  const byAddress = new Map();
  document.querySelectorAll("[data-chart]").forEach((box) => {
    byAddress.set(box.dataset.series, [...(byAddress.get(box.dataset.series) || []), box]);
  });
  const boards = [...byAddress].map(([address, boxes]) => new Board(address, boxes));
  boards.forEach((board) => board.load(null).catch(() => {}));

  const zoom = document.querySelector("[data-zoom]");
  if (zoom) {
    zoom.hidden = false;
    zoom.addEventListener("click", (event) => {
      const button = event.target.closest("[data-span]");
      if (button && boards[0].span) boards[0].press(button.dataset.span);
    });
  }
  new MutationObserver(() => boards.forEach((board) => board.found && board.draw()))
    .observe(document.documentElement, { attributeFilter: ["class"] });
  window.addEventListener("resize", () => boards.forEach((board) => board.resize()));
});
