import { describe, expect, it } from "vitest";
import { rateDistortionReport } from "../../../bench/neural/rate-distortion-report.mjs";
import { searchRatio } from "../../../bench/neural/search-ratio.mjs";

describe("the search for a ratio", () => {
  const smooth = async (error: number) => ({ ratio: 3e4 * error ** 1.4, value: error });

  it("comes within a percent, and knows later what it has tried", async () => {
    const tried: { error: number; ratio: number; value: number }[] = [];
    for (const target of [30, 93, 500]) {
      const { ratio, value } = await searchRatio(target, smooth, tried);
      expect(Math.abs(ratio / target - 1)).toBeLessThan(0.0101);
      expect(3e4 * value ** 1.4).toBe(ratio);
    }
    expect(tried.length).toBeLessThan(14);
    const before = tried.length;
    await searchRatio(93, smooth, tried);
    expect(tried.length).toBe(before);
  });

  it("takes the nearest step of a codec that knows steps only", async () => {
    const steps = async (error: number) => ({
      ratio: 4 ** Math.round(Math.log(1e6 * error)),
      value: 0,
    });
    const { ratio } = await searchRatio(1000, steps, []);
    expect(ratio).toBe(1024);
  });

  it("goes on where small errors fail", async () => {
    const fails = async (error: number) =>
      error < 1e-3 ? { ratio: 1, value: 0, failure: "trap" } : await smooth(error);
    const { ratio } = await searchRatio(50, fails, []);
    expect(Math.abs(ratio / 50 - 1)).toBeLessThan(0.0101);
  });
});

describe("the report of rate and distortion", () => {
  const point = (target: number, ratio: number, meanPsnr: number) => ({
    ...{ target, ratio, meanPsnr, meanSsim: 0.99, encode: 1, decode: 1 },
    ...{ psnr: { rho: meanPsnr }, ssim: { rho: 0.99 } },
  });
  const report = rateDistortionReport({
    ...{ date: "2026-01-01", node: "v20", method: "so and so" },
    machine: { cpu: "one", cores: 1, platform: "linux" },
    peers: { "a codec": "1" },
    cases: [
      {
        ...{ run: "run", lengths: [2, 3, 4], names: ["rho"] },
        codecs: {
          zfp: {
            command: "c",
            way: "whole",
            points: [point(93, 80, 30), { target: 300, error: "no" }],
          },
          "fieldzip neural": { command: "c", way: "whole", points: [point(93, 93.2, 48.04)] },
        },
      },
    ],
  });

  it("puts ours first, and says where a ratio was missed", () => {
    const rows = report.split("\n").filter((line) => /^\| (zfp|fieldzip)/.test(line));
    expect(rows[0]).toBe("| fieldzip neural | 48.0 | – |");
    expect(rows[1]).toBe("| zfp | 30.0 (80) | – |");
  });
});
