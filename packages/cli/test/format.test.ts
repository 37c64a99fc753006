import { describe, expect, it } from "vitest";
import {
  formatBitsPerValue,
  formatBytes,
  formatDuration,
  formatRate,
  formatRatio,
  formatTable,
} from "../src/format.js";
import { barLine, showProgress } from "../src/progress-bar.js";

describe("numbers", () => {
  it.each([
    [0, "0 B"],
    [812, "812 B"],
    [999, "999 B"],
    [1000, "1.00 kB"],
    [1_234_567, "1.23 MB"],
    [99_960_000, "100 MB"],
    [999_700_000, "1.00 GB"],
    [12_400_000_000, "12.4 GB"],
  ])("%d bytes is %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it("rates are in decimal megabytes", () => {
    expect(formatRate(250_000_000, 2)).toBe("125 MB/s");
    expect(formatRate(1_500_000, 1)).toBe("1.50 MB/s");
  });
  it("ratio and bits per value", () => {
    expect(formatRatio(4000, 1000)).toBe("4.00");
    expect(formatRatio(1_000_000, 1000)).toBe("1000");
    expect(formatRatio(0, 0)).toBe("-");
    expect(formatBitsPerValue(1000, 1000)).toBe("8.00");
    expect(formatBitsPerValue(0, 0)).toBe("-");
  });
  it("durations", () => {
    expect(formatDuration(9.2)).toBe("0:09");
    expect(formatDuration(760)).toBe("12:40");
    expect(formatDuration(11_100)).toBe("3:05:00");
  });
});

describe("tables", () => {
  const columns = [{ title: "variable" }, { title: "ratio", align: "right" as const }];
  it("aligns text left and numbers right", () => {
    expect(formatTable(columns, [["rho", "3.42"]])).toBe("variable  ratio\nrho        3.42");
  });
  it("cuts names, not numbers, to the width", () => {
    const text = formatTable(columns, [["a_very_long_name_of_a_variable", "123456"]], 20);
    expect(text.split("\n").map((line) => line.length)).toEqual([20, 20]);
    expect(text).toContain("a_very_long…  123456");
  });
});

describe("progress", () => {
  const progress = { stage: "compress", done: 430e6, total: 1000e6, variable: "rho" };

  it("fits 80 and 120 columns", () => {
    for (const width of [20, 40, 80, 120]) {
      expect(barLine(progress, 4, width).length).toBeLessThanOrEqual(width);
    }
    expect(barLine(progress, 4, 80)).toMatch(/^ 43% ━+─+ rho {2}108 MB\/s {2}0:05 left$/);
  });

  function streamed(isTTY: boolean) {
    const written: string[] = [];
    const stream = { isTTY, columns: 80, write: (text: string) => written.push(text) };
    let time = 0;
    const display = showProgress({
      stream: stream as unknown as NodeJS.WriteStream,
      now: () => time,
    });
    return {
      written,
      display,
      advance(ms: number) {
        time += ms;
      },
    };
  }

  it("redraws one line on a terminal and removes it", () => {
    const { written, display, advance } = streamed(true);
    for (let i = 0; i < 100; i++) {
      advance(20);
      display.update({ ...progress, done: i * 1e7 });
    }
    display.end();
    expect(written.length).toBeLessThan(30);
    expect(written.every((text) => text.startsWith("\r") && !text.includes("\n"))).toBe(true);
    expect(written.at(-1)).toBe("\r\u001b[K");
  });
  it("says nothing about short work on a pipe, and little about long work", () => {
    const { written, display, advance } = streamed(false);
    for (let i = 0; i < 70; i++) {
      advance(1000);
      display.update({ ...progress, done: i * 1e7 });
    }
    display.end();
    expect(written.length).toBe(2);
    expect(written[0]).toMatch(/^fieldzip: compress 29% of 1.00 GB, 9.67 MB\/s {2}1:13 left\n$/);
  });
  it("--quiet says nothing", () => {
    const written: string[] = [];
    const stream = { isTTY: true, columns: 80, write: (text: string) => written.push(text) };
    const display = showProgress({ quiet: true, stream: stream as unknown as NodeJS.WriteStream });
    display.update(progress);
    display.end();
    expect(written).toEqual([]);
  });
});
