/** Curves of rate-distortion.mjs. */
import { curveColours, curvesPicture } from "../curves.mjs";
import { codecsOf, order } from "./rate-distortion-report.mjs";

/** What is worse is of no use, and would flatten all other curves. */
const leastPsnr = 25;

export function rateDistortionPicture({ cases }) {
  return curvesPicture({
    title: "Ratio against PSNR on 12-variable MHD runs",
    subtitle:
      "mean PSNR over the variables, every variable with the same relative error, every byte counted",
    panels: cases.map((one) => ({
      title: `${one.run.split("/").at(-1)}, ${one.lengths.join(" x ")}`,
      xTitle: "ratio, logarithmic",
      yTitle: "mean PSNR, dB",
      logarithmic: true,
      curves: codecsOf(one).map((codec) => ({
        name: codec,
        colour: curveColours[order.indexOf(codec)],
        ours: codec.startsWith("fieldzip"),
        points: one.codecs[codec].points
          .filter(({ error, meanPsnr }) => !error && meanPsnr >= leastPsnr)
          .map(({ ratio, meanPsnr }) => [ratio, meanPsnr])
          .sort((a, b) => a[0] - b[0]),
      })),
    })),
  });
}
