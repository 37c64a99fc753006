/** Tables and curves of sampling.mjs. */
import { curveColours, curvesPicture } from "../curves.mjs";
import { table } from "../lossless/report.mjs";

export function samplingReport(result) {
  const { machine, date, node, rows, lengths } = result;
  const commands = [...new Set(rows.map(({ command }) => command))];
  const groups = groupsOf(rows);
  return `# Training on a part of the values

PSNR is the mean over the variables at all values, whatever was trained on, of the network as it is stored. Beside the share of the
values, "fewer steps" sees every sample as often as training on all values does, "same steps" makes as many steps as that.
dB lost and time are related to training on all values. A step takes as long whatever it is drawn from: what a sample saves of time it
saves by fewer steps, and all values with as few steps stand beside it. What it saves in any case is memory and reading.
Last column: PSNR of the samples themselves, as trained with the same steps.

${commands.map((command) => `- \`${command}\``).join("\n")}
- ${date}, ${machine.cpu}, ${machine.cores} cores, ${machine.platform}, Node ${node}

![curves](sampling.svg)

${groups
  .map(
    ([title, group]) => `## ${title}, ${lengths.join(" x ")}

${samplingTable(group)}
`,
  )
  .join("\n")}`;
}

/** Used by documents, too. */
export function samplingTable(group) {
  const all = group.find(({ sampling }) => sampling === "all");
  const cells = (row) =>
    row
      ? [
          row.psnr.toFixed(2),
          all ? (row.psnr - all.psnr).toFixed(2) : "–",
          row.seconds.toFixed(1),
          all ? `${Math.round((100 * row.seconds) / all.seconds)} %` : "–",
        ]
      : ["–", "–", "–", "–"];
  const names = [...new Set(group.map(({ sampling }) => sampling))];
  return table(
    [
      ...["sampling", "share", "PSNR, fewer steps", "lost, dB", "CPU s", "of all's"],
      ...["PSNR, same steps", "lost, dB", "CPU s", "of all's", "of samples"],
    ],
    names.map((name) => {
      const of = (work) => group.find((row) => row.sampling === name && row.work === work);
      const fewer = name === "all" ? of("steps") : of("epochs");
      const { share } = fewer ?? of("steps");
      const samples = of("steps")?.samplePsnr?.toFixed(2) ?? "–";
      return [
        ...[name, `${(100 * share).toFixed(1)} %`],
        ...[...cells(fewer), ...cells(of("steps")), samples],
      ];
    }),
  );
}

export function samplingPicture({ rows }) {
  return curvesPicture({
    title: "Training on a part of the values",
    subtitle: "mean PSNR of all values against CPU seconds of training; a point a sample size",
    panels: groupsOf(rows).map(([title, group]) => ({
      title,
      xTitle: "CPU seconds, logarithmic",
      yTitle: "mean PSNR, dB",
      logarithmic: true,
      curves: ["all values", "random", "stride", "block", "slice", "active"].flatMap((kind, k) => {
        const own = group.filter(({ sampling }) => sampling.startsWith(kind.split(" ")[0]));
        if (own.length === 0) return [];
        const whole = /block|slice/.test(kind)
          ? []
          : group.filter(({ sampling }) => sampling === "all");
        const points = [...own.filter(({ work }) => work === "epochs"), ...whole]
          .map(({ seconds, psnr }) => [seconds, psnr])
          .sort((a, b) => a[0] - b[0]);
        return [{ name: kind, colour: curveColours[k], ours: k === 0, points }];
      }),
    })),
  });
}

function groupsOf(rows) {
  const groups = new Map();
  for (const row of rows) {
    const title = `${row.run}, ${row.network}`;
    groups.set(title, [...(groups.get(title) ?? []), row]);
  }
  return [...groups];
}
