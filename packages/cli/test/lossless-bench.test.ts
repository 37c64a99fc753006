import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { merged } from "../../../bench/lossless/merge.mjs";
import { report } from "../../../bench/lossless/report.mjs";
import { summarise } from "../../../bench/lossless/summary.mjs";
import { losslessExecutables, startExecutables } from "../../../bench/peers/executables.mjs";
import { temporaryFolder } from "./helpers.js";

const folder = temporaryFolder();

/** MB/s are the ratio times 100 and times 200, unless told. */
const figures = (ratio: number, compress = 100 * ratio) => ({
  bytes: 1000 / ratio,
  ratio,
  compress,
  decompress: 2 * compress,
});
const field = (name: string, codecs: Record<string, object>, bytes = 1000) => ({
  name,
  dataType: "float32",
  shape: [250],
  bytes,
  whole: false,
  sha256: `values of ${name}`,
  codecs,
});
const order = ["fieldzip fast", "fieldzip default", "fieldzip max", "fpzip", "pco", "ALP"];
const run = (commit: string, codecs: string[], fields: object[], more = {}) => ({
  command: `run at ${commit}`,
  date: "2026-01-01",
  commit,
  uncommittedChanges: false,
  machine: { cpu: "one" },
  node: "v20",
  peers: { fpzip: "1" },
  method: "CPU time",
  codecs,
  fields,
  ...more,
});

describe("the summary of the lossless bench", () => {
  const fields = [
    field("a", {
      "fieldzip fast": figures(2, 400),
      "fieldzip default": figures(3, 100),
      "fieldzip max": figures(4, 1),
      fpzip: figures(2),
      pco: figures(1),
    }),
    field(
      "b",
      {
        "fieldzip fast": figures(8, 400),
        "fieldzip default": figures(9, 25),
        "fieldzip max": figures(16, 4),
        fpzip: figures(2),
        pco: figures(50),
      },
      3000,
    ),
  ];
  const codecs = ["fieldzip fast", "fieldzip default", "fieldzip max", "fpzip", "pco"];

  it("compares ours with the best peer of each field, the best single one, and each other", () => {
    const { comparisons, bestPeerPerField, all, atMost10 } = summarise(fields, codecs);
    expect(bestPeerPerField.all).toBeCloseTo(10);
    // pco's mean is the best, and its best field is where ours is worst.
    expect(comparisons.all).toEqual(
      [
        ["fieldzip max", "best peer of each field", 0.8, 0.32, "b", 1],
        ["fieldzip default", "best peer of each field", 0.5196, 0.18, "b", 1],
        ["fieldzip max", "best single peer, pco", 1.131, 0.32, "b", 1],
        ["fieldzip default", "best single peer, pco", 0.7348, 0.18, "b", 1],
        ["fieldzip max", "fieldzip default", 1.54, 1.333, "a", 0],
        ["fieldzip fast", "fieldzip default", 0.7698, 0.6667, "a", 2],
      ].map(([codec, against, mean, worst, worstField, below]) => ({
        codec,
        against,
        mean,
        worst,
        worstField,
        below,
      })),
    );
    expect(atMost10.fields).toBe(1);
    expect(comparisons.atMost10[2].against).toBe("best single peer, fpzip");
    // 4000 bytes in 10 + 120 units of time, and not the mean of 100 and 25.
    expect(all.codecs["fieldzip default"].compressTogether).toBeCloseTo(4000 / 130, 1);
    expect(all.codecs["fieldzip default"].compress).toBe(50);
  });

  it("leaves out what was not measured on every field, and says so", () => {
    const [a, b] = structuredClone(fields);
    delete (b.codecs as Record<string, object>)["fieldzip max"];
    Object.assign(b.codecs, { pco: { error: "no such floats" } });
    const summary = summarise([a, b], codecs);
    expect(summary.comparisons.all.map(({ codec, against }) => [codec, against])).toEqual([
      ["fieldzip default", "best peer of each field"],
      ["fieldzip default", "best single peer, fpzip"],
      ["fieldzip fast", "fieldzip default"],
    ]);
    const text = report(merged(undefined, run("one", codecs, [a, b]), order));
    expect(text).toMatch(/\| pco \| .*1\.000 \(1 of them\)/);
    expect(text).toContain("fieldzip fast / fieldzip default");
  });
});

describe("a result measured in parts", () => {
  const old = merged(
    undefined,
    run(
      "one",
      ["fieldzip exact", "fpzip"],
      [
        field("a", { "fieldzip exact": figures(3), fpzip: figures(2) }),
        field("b", { "fieldzip exact": figures(4), fpzip: figures(2) }),
      ],
    ),
    order,
  );

  it("takes further peers and keeps the others' rows, and the commit of ours", () => {
    const added = run("two", ["ALP"], [field("a", { ALP: figures(1) })], { peers: { ALP: "7" } });
    const both = merged(old, added, order);
    expect(both.codecs).toEqual(["fieldzip exact", "fpzip", "ALP"]);
    expect(both.fields.map(({ codecs }: { codecs: object }) => Object.keys(codecs))).toEqual([
      ["fieldzip exact", "fpzip", "ALP"],
      ["fieldzip exact", "fpzip"],
    ]);
    expect(both).toMatchObject({ commit: "one", command: "run at one; run at two" });
    expect(both.peers).toEqual({ fpzip: "1", ALP: "7" });
  });

  it("drops rows of ours from another commit when ours are measured again", () => {
    const again = run("two", ["fieldzip max"], [field("a", { "fieldzip max": figures(5) })]);
    const both = merged(old, again, order);
    expect(both.codecs).toEqual(["fieldzip max", "fpzip"]);
    expect(both.commit).toBe("two");
    expect(Object.keys(both.fields[1].codecs)).toEqual(["fpzip"]);
    const further = run("two", ["fieldzip max"], [field("b", { "fieldzip max": figures(5) })]);
    expect(merged(both, further, order).summary.all.codecs["fieldzip max"].fields).toBe(2);
  });

  it("refuses another machine, version or other values", () => {
    const more = (changes: object) => run("two", ["ALP"], [], changes);
    expect(() => merged(old, more({ machine: { cpu: "two" } }), order)).toThrow(/another machine/);
    expect(() => merged(old, more({ peers: { fpzip: "2" } }), order)).toThrow(/version of fpzip/);
    const other = { ...field("a", { ALP: figures(1) }), sha256: "else" };
    expect(() => merged(old, run("two", ["ALP"], [other]), order)).toThrow(/a: .*other values/);
  });
});

describe("peers that are executables", () => {
  const executable = (name: string, body: string) => {
    const path = join(folder, name);
    writeFileSync(path, `#!${process.execPath}\nconst args = process.argv.slice(2);\n${body}`);
    chmodSync(path, 0o755);
    return path;
  };

  it("are asked by arguments and answer in JSON; failures are answers", async () => {
    const good = executable(
      "good",
      `console.log(JSON.stringify(args[0] === "--version" ? { version: "3" } : { bytes: 7, args }))`,
    );
    const peers = await startExecutables(losslessExecutables, {
      FIELDZIP_ALP: good,
      FIELDZIP_NDZIP: "",
    });
    expect(peers.codecs).toEqual(["ALP"]);
    expect(peers.versions).toEqual({ ALP: "3" });
    const request = { codec: "ALP", path: "f.raw", dtype: "float64", shape: [2, 3], least: 0.02 };
    expect(await peers.ask(request)).toEqual({
      bytes: 7,
      args: ["f.raw", "float64", "0.02", "2", "3"],
    });
    const bad = await startExecutables(losslessExecutables, {
      FIELDZIP_NDZIP: executable("bad", "process.exit(3)"),
    });
    expect(bad.versions).toEqual({ ndzip: "of unknown version" });
    expect((await bad.ask({ ...request, codec: "ndzip" })).error).toContain("bad");
  });
});
