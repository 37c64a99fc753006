/** A rectangle in CSS pixels, from the figure's upper left corner. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Where things of one pane lie. */
export interface PanePlace {
  /** The picture. */
  readonly plot: Rectangle;
  /** Whether the axis that runs up has its labels here: only the first pane of a row has them. */
  readonly isFirst: boolean;
}

export interface FigurePlan {
  readonly panes: readonly PanePlace[];
  /** The colour bar of the values, and that of the difference. */
  readonly bars: readonly Rectangle[];
}

/** What has to find room in a figure. */
export interface FigureParts {
  readonly panes: number;
  /** Whether the last pane has a colour bar of its own. */
  readonly hasDifference: boolean;
  /** Width through height of what a pane shows. */
  readonly aspect: number;
  /** Whether the plots have axes with labels. */
  readonly hasAxes: boolean;
}

const title = 26;
const gap = 16;
/** Below the panes: a colour bar with its title and ticks. */
const barRoom = 48;
const barHeight = 10;

/** Places panes and colour bars in a figure, in the number of columns under which the pictures are largest. */
export function planFigure(width: number, height: number, parts: FigureParts): FigurePlan {
  let best: { plan: FigurePlan; size: number } | undefined;
  for (let columns = 1; columns <= parts.panes; columns++) {
    const plan = planColumns(width, height, columns, parts);
    const { plot } = plan.panes[0];
    const size = plot.width * plot.height;
    if (!best || size > best.size * 1.02) best = { plan, size };
  }
  return best?.plan ?? { panes: [], bars: [] };
}

function planColumns(
  width: number,
  height: number,
  columns: number,
  { panes, hasDifference, aspect, hasAxes }: FigureParts,
): FigurePlan {
  const rows = Math.ceil(panes / columns);
  const left = hasAxes ? (width < 640 ? 40 : 50) : 8;
  const right = 10;
  const bottom = hasAxes ? 34 : 8;
  let wide = Math.max(24, (width - left - right - gap * (columns - 1)) / columns);
  let high = Math.max(24, (height - barRoom - gap * (rows - 1)) / rows - title - bottom);
  // Long and flat pictures are stretched a little rather than drawn as a line.
  const shown = Math.min(6, Math.max(1 / 6, aspect));
  if (wide / high > shown) wide = high * shown;
  else high = wide / shown;
  const used = left + right + columns * wide + gap * (columns - 1);
  const usedDown = rows * (title + high + bottom) + gap * (rows - 1) + barRoom;
  const x = Math.max(0, (width - used) / 2) + left;
  const y = Math.max(0, (height - usedDown) / 2);
  const places = Array.from({ length: panes }, (_, k): PanePlace => {
    const [column, row] = [k % columns, Math.floor(k / columns)];
    const plot = {
      left: Math.round(x + column * (wide + gap)),
      top: Math.round(y + title + row * (title + high + bottom + gap)),
      width: Math.floor(wide),
      height: Math.floor(high),
    };
    return { plot, isFirst: column === 0 };
  });
  return { panes: places, bars: placeBars(places, rows, width, hasDifference, y + usedDown) };
}

/** Below the pictures that a bar belongs to; where these stand in several rows, both bars below all. */
function placeBars(
  panes: readonly PanePlace[],
  rows: number,
  width: number,
  hasDifference: boolean,
  bottom: number,
): Rectangle[] {
  const top = bottom - barRoom + 22;
  const below = (from: number, to: number): Rectangle => {
    const all = to - from;
    // A bar as wide as a page is no better to read.
    const wide = Math.min(all, 460);
    return {
      left: Math.round(from + (all - wide) / 2),
      top,
      width: Math.round(wide),
      height: barHeight,
    };
  };
  const edge = (k: number) => panes[k].plot.left + panes[k].plot.width;
  const last = panes.length - 1;
  if (rows > 1) {
    const [from, to] = [12, width - 12];
    if (!hasDifference) return [below(from, to)];
    const middle = (from + to) / 2;
    return [below(from, middle - 10), below(middle + 10, to)];
  }
  if (!hasDifference) return [below(panes[0].plot.left, edge(last))];
  return [below(panes[0].plot.left, edge(last - 1)), below(panes[last].plot.left, edge(last))];
}
