/** A rectangle in CSS pixels, from the figure's upper left corner. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Where things of one pane lie. */
export interface PanePlace {
  /** Title, axes and picture together. */
  readonly outer: Rectangle;
  /** The picture alone. */
  readonly plot: Rectangle;
}

export interface FigurePlan {
  readonly panes: readonly PanePlace[];
  /** The colour bar of the values, and that of the difference. */
  readonly bars: readonly Rectangle[];
  /** Whether colour bars lie below the panes. */
  readonly barsBelow: boolean;
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
const gap = 14;
const barWidth = 12;

/** Places panes and colour bars in a figure, in the number of columns under which the pictures are largest. */
export function planFigure(width: number, height: number, parts: FigureParts): FigurePlan {
  const barsBelow = width < 640;
  const barCount = parts.hasDifference ? 2 : 1;
  const area: Rectangle = barsBelow
    ? { left: 0, top: 0, width, height: Math.max(60, height - 46) }
    : { left: 0, top: 0, width: Math.max(60, width), height };
  let best: { places: PanePlace[]; size: number } | undefined;
  for (let columns = 1; columns <= parts.panes; columns++) {
    const places = placePanes(area, columns, parts, barsBelow);
    const size = places[0].plot.width * places[0].plot.height;
    if (!best || size > best.size * 1.02) best = { places, size };
  }
  const panes = best?.places ?? [];
  const bars = Array.from({ length: barCount }, (_, k): Rectangle => {
    if (barsBelow) {
      const each = (width - 32) / barCount;
      const inset = 14;
      return { left: 16 + k * each + inset / 2, top: height - 34, width: each - inset, height: 10 };
    }
    // Beside the last pane that it belongs to.
    const last = parts.hasDifference && k === 0 ? panes.length - 2 : panes.length - 1;
    const { plot } = panes[Math.max(0, last)];
    return {
      left: plot.left + plot.width + 10,
      top: plot.top,
      width: barWidth,
      height: plot.height,
    };
  });
  return { panes, bars, barsBelow };
}

/** Room to the left, right and below of a picture. */
function margins({ hasAxes }: FigureParts, barsBelow: boolean, hasBar: boolean) {
  return {
    left: hasAxes ? (barsBelow ? 38 : 50) : 6,
    right: hasBar && !barsBelow ? 86 : 8,
    bottom: hasAxes ? (barsBelow ? 30 : 38) : 8,
  };
}

function placePanes(
  area: Rectangle,
  columns: number,
  parts: FigureParts,
  barsBelow: boolean,
): PanePlace[] {
  const { panes, aspect, hasDifference } = parts;
  const rows = Math.ceil(panes / columns);
  const hasBar = (k: number) => k === panes - 1 || (hasDifference && k === panes - 2);
  const edges = Array.from({ length: panes }, (_, k) => margins(parts, barsBelow, hasBar(k)));
  // All pictures have one size: that of the pane with the least room.
  const inColumn = (column: number) => edges.filter((_, k) => k % columns === column);
  const sides = Array.from({ length: columns }, (_, column) =>
    Math.max(...inColumn(column).map(({ left, right }) => left + right)),
  );
  const roomAcross =
    (area.width - sides.reduce((sum, side) => sum + side, 0) - gap * (columns - 1)) / columns;
  const roomDown = (area.height - gap * (rows - 1)) / rows - title - edges[0].bottom;
  let width = Math.max(24, roomAcross);
  let height = Math.max(24, roomDown);
  // Long and flat pictures are stretched a little rather than drawn as a line.
  const shown = Math.min(6, Math.max(1 / 6, aspect));
  if (width / height > shown) width = height * shown;
  else height = width / shown;
  const used = sides.reduce((sum, side) => sum + side, 0) + columns * width + gap * (columns - 1);
  const usedDown = rows * (title + height + edges[0].bottom) + gap * (rows - 1);
  const left = area.left + Math.max(0, (area.width - used) / 2);
  const top = area.top + Math.max(0, (area.height - usedDown) / 2);
  return Array.from({ length: panes }, (_, k): PanePlace => {
    const [column, row] = [k % columns, Math.floor(k / columns)];
    const before = sides.slice(0, column).reduce((sum, side) => sum + side, 0);
    const x = left + before + column * (width + gap);
    const y = top + row * (title + height + edges[0].bottom + gap);
    const plot = {
      left: Math.round(x + edges[k].left),
      top: Math.round(y + title),
      width: Math.floor(width),
      height: Math.floor(height),
    };
    const outer = {
      left: x,
      top: y,
      width: width + sides[column],
      height: title + height + edges[k].bottom,
    };
    return { outer, plot };
  });
}
