/** The tables beside the results. */

export function speedReport({ command, date, machine, node, gcc, method, cases, threads }) {
  const lines = [
    "# A training step against the same step in C",
    "",
    `\`${command}\`, ${date}, ${machine.cpu} (${machine.cores} cores), Node ${node}, ${gcc}; ${method}.`,
    "",
    "| k, n, m, batch | step by | ms | GFlop/s | of plain C | of C + OpenBLAS |",
    "| --- | --- | --- | --- | --- | --- |",
    ...cases.flatMap(({ k, n, m, batch, rows }) =>
      rows.map(
        ({ name, milliseconds, gflops, ofPlainC, ofOpenBlas }) =>
          `| ${k}, ${n}, ${m}, ${batch} | ${name} | ${milliseconds.toFixed(1)} | ${gflops.toFixed(1)} | ${text(ofPlainC)} | ${text(ofOpenBlas)} |`,
      ),
    ),
    "",
    ...(threads ? threadLines(threads) : []),
  ];
  return lines.join("\n");
}

function threadLines({ unit, results }) {
  return [
    `| trainer, ${unit} | batch | one thread | two threads | gain | two trainings apart | gain |`,
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...results.map(
      ({ network, batch, oneThread, twoThreads, gain, apart, possible }) =>
        `| ${network} | ${batch} | ${oneThread} | ${twoThreads} | ${gain} | ${apart} | ${possible} |`,
    ),
    "",
  ];
}

export function qualityReport(runs) {
  const marks = [15, 30, 60, 110];
  const at = (curve, seconds) => curve.findLast((point) => point.seconds <= seconds * 1.02)?.psnr;
  const lines = [
    "# PSNR against CPU seconds",
    "",
    "Mean over the variables in dB, one thread, no residual. The last column counts all values, those before it the samples that",
    "training saw up to then, at a learning rate that is still high. Ratio: float32 parameters alone.",
    "",
    `| run | network | parameters | ratio | ksamples/s | ${marks.map((s) => `${s} s`).join(" | ")} | CPU s | PSNR |`,
    `| ${new Array(7 + marks.length - 1).fill("---").join(" | ")} |`,
    ...runs.map(
      ({
        run,
        label,
        parameters,
        ratioFloat32,
        ksamplesPerCpuSecond,
        curve,
        cpuSeconds,
        meanPsnr,
      }) =>
        `| ${[run, label, parameters, ratioFloat32, ksamplesPerCpuSecond, ...marks.map((s) => (s < cpuSeconds ? text(at(curve, s)) : "")), cpuSeconds, `**${meanPsnr}**`].join(" | ")} |`,
    ),
    "",
    "| run, network | PSNR by variable |",
    "| --- | --- |",
    ...runs.map(
      ({ run, label, psnr }) =>
        `| ${run}, ${label} | ${Object.entries(psnr)
          .map(([name, value]) => `${name} ${value}`)
          .join(", ")} |`,
    ),
    "",
    ...runs.map(
      ({ label, command, date, machine, node }) =>
        `- ${label}: \`${command}\`, ${date}, ${machine.cpu}, Node ${node}`,
    ),
    "",
  ];
  return lines.join("\n");
}

function text(value) {
  return value === undefined ? "" : value.toFixed(2);
}
