/** How the report looks: quiet, light and dark, on paper, and down to the width of a telephone. */
export const style = `
:root {
  color-scheme: light dark;
  --background: #fcfcfa; --raised: #f4f4f0; --text: #16191d; --faint: #5f666e; --line: #d6d6d0;
  --grid: #e4e4de; --frame: #9ca3af; --absent: #dadad4; --ours: #b8440f; --peer: #2f5b87; --bars: #2f5b87;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, Charter, Georgia, serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  --mono: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --background: #121417; --raised: #1a1d21; --text: #e4e6e8; --faint: #9aa1a8; --line: #30343a;
    --grid: #262a2f; --frame: #565d66; --absent: #2b2f34; --ours: #f0955f; --peer: #7fb8e6; --bars: #7fb8e6;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--background); color: var(--text);
  font: 15px / 1.55 var(--sans); font-variant-numeric: tabular-nums;
  -webkit-text-size-adjust: 100%;
}
main { max-width: 1240px; margin: 0 auto; padding: 40px 28px 64px; }
h1, h2 { font-family: var(--serif); font-weight: 600; line-height: 1.2; overflow-wrap: anywhere; }
h1 { font-size: 30px; margin: 2px 0 0; }
h1 small { font-size: 0.62em; font-weight: 400; color: var(--faint); }
h2 { font-size: 22px; margin: 0; }
h3 { font-size: 14px; margin: 26px 0 8px; }
p { margin: 8px 0; }
.kind, .note, footer { color: var(--faint); font-size: 13.5px; }
.kind { margin: 0; letter-spacing: 0.04em; }
section { margin-top: 44px; padding-top: 18px; border-top: 1px solid var(--line); }
.summary { display: grid; grid-template-columns: repeat(auto-fit, minmax(136px, 1fr)); gap: 18px 24px; margin: 26px 0 0; }
.summary div { border-top: 2px solid var(--text); padding-top: 8px; }
.summary dt { color: var(--faint); font-size: 13px; }
.summary dd { margin: 0; font-size: 18px; overflow-wrap: anywhere; }
nav { margin-top: 26px; display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 14px; }
a { color: var(--peer); text-underline-offset: 2px; }
.scroll { overflow-x: auto; margin: 12px 0 0; }
table { border-collapse: collapse; font-size: 13.5px; min-width: 100%; }
.caption { font-size: 13.5px; margin-top: 14px; }
.caption + .scroll { margin-top: 2px; }
th, td { padding: 5px 0 5px 14px; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
thead th { font-weight: 400; white-space: normal; min-width: 58px; color: var(--faint); vertical-align: bottom; }
th:first-child, td:first-child {
  position: sticky; left: 0; padding-left: 0; padding-right: 8px; text-align: left; background: var(--background);
}
tbody th { font-weight: 600; }
tbody th span { font-weight: 400; color: var(--faint); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 330px), 1fr)); gap: 18px 20px; margin: 16px 0 0; }
figure { margin: 0; }
figure svg { display: block; width: 100%; height: auto; max-width: 460px; }
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 3px 20px; margin: 0; font-size: 14px; }
.facts dt { color: var(--faint); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.shares { display: flex; height: 12px; margin: 2px 0 8px; max-width: 620px; }
.shares i { display: block; background: var(--peer); border-right: 1px solid var(--background); }
pre {
  margin: 8px 0 0; padding: 10px 14px; background: var(--raised); white-space: pre-wrap; overflow-wrap: anywhere;
  font: 13px / 1.6 var(--mono);
}
details { margin-top: 18px; }
summary { cursor: pointer; font-size: 14px; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 0 40px; }
.measures dt { font-weight: 600; margin-top: 10px; }
.measures dd { margin: 0; max-width: 76ch; }
footer { margin-top: 48px; }
@media (max-width: 560px) {
  main { padding: 22px 16px 40px; }
  h1 { font-size: 24px; }
  .summary { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .facts { grid-template-columns: minmax(0, 1fr); }
  .facts dd { margin-bottom: 6px; }
}
@media print {
  :root {
    color-scheme: light;
    --background: #fff; --raised: #f4f4f0; --text: #000; --faint: #444; --line: #ccc; --grid: #ddd; --frame: #888;
    --absent: #ddd; --ours: #b8440f; --peer: #2f5b87; --bars: #2f5b87;
  }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  nav { display: none; }
  section { margin-top: 24px; }
  figure, tr, .facts, pre { break-inside: avoid; }
  h2, h3, .facts-line { break-after: avoid; }
  .figures { grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 10px; }
  .scroll { overflow: visible; }
  table { font-size: 7.5pt; }
  th, td { padding-left: 8px; white-space: normal; }
  .shares i { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
