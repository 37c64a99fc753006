import { html } from "./markup.js";

/** What the measures are, for whoever reads the report and does not know the software. */
export const measureNotes = html`<section>
<h2>How it was measured</h2>
<dl class="measures">
<dt>PSNR</dt><dd>20 log<sub>10</sub>((max − min) / RMSE) in dB, with the range and all values that are finite in the original; RMSE is the root of the
mean squared error, the maximum error the largest |other − original|. NaN, infinities and fill values do not count; “missing” says how many
there are and whether both have them at the same places.</dd>
<dt>SSIM</dt><dd>Structural similarity (Wang, Bovik, Sheikh, Simoncelli 2004), a Gaussian window of 11 values and standard deviation 1.5 along
every axis, constants 0.01 and 0.03 of the range. “Across z”: the mean over all slices perpendicular to z. “3-D”: windows in three axes. 1 is equal.</dd>
<dt>Spectrum</dt><dd>Power |F|² / n² by shells of wave numbers, in cycles along the longest axis. “Off” is the sum of the differences of the
shells’ powers over the original’s sum, without the mean. “True to k”: up to that wave number every shell’s power is within 5 %.</dd>
<dt>Sum</dt><dd>How much the total of all values has changed, over the sum of their magnitudes: what is conserved stays conserved.
Sums are compensated (Neumaier 1974). Of several steps the worst one is given.</dd>
<dt>Pictures</dt><dd>MSE and PSNR of the red, green and blue of both rendered pictures (0 to 255), SSIM of their luminance (Rec. 601). Volumes are drawn by
emission and absorption along rays (Max 1995), with one camera, one colour range and one opacity curve for both.</dd>
<dt>Differing</dt><dd>Share of the values whose bits are not all the same, and the number of such bits; −0 and 0 differ, so do NaNs of different payload.</dd>
</dl>
</section>
`;
