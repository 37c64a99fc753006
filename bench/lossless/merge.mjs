/** Results that are measured in parts: some fields, or some codecs, at a time. */
import { isOurs, summarise } from "./summary.mjs";

/**
 * Puts what a run has measured into an earlier result, codec by codec and field by field. Rows of ours from
 * another commit go as soon as the run measures any of ours, so that all of ours are of one commit, which is
 * the result's. Throws where machine, versions or a field's values differ.
 *
 * @param {object | undefined} earlier a result; undefined: the run stands alone
 * @param {object} run a result of `codecs`, without a summary
 * @param {readonly string[]} order names of codecs as tables list them
 */
export function merged(earlier, run, order) {
  const { codecs: measured, fields: runFields, ...origin } = run;
  const newOurs = measured.some(isOurs);
  const kept = keptFields(earlier, newOurs && earlier?.commit !== run.commit);
  if (earlier) checkSame(earlier, run);
  const byName = new Map(kept.map((field) => [field.name, field]));
  for (const field of runFields) {
    const before = byName.get(field.name);
    if (before && before.sha256 !== field.sha256) {
      throw new Error(
        `${field.name}: the earlier result is of other values; measure without --add`,
      );
    }
    byName.set(field.name, { ...field, codecs: { ...before?.codecs, ...field.codecs } });
  }
  const fields = [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const present = new Set(fields.flatMap((field) => Object.keys(field.codecs)));
  const listed = [...present].filter((codec) => !order.includes(codec));
  const codecs = [
    ...listed.filter(isOurs),
    ...order.filter((codec) => present.has(codec)),
    ...listed.filter((codec) => !isOurs(codec)),
  ];
  return {
    // Where ours stay as they were, so does what says of which commit and day they are.
    ...(earlier && !newOurs ? { ...origin, ...ofOurs(earlier) } : origin),
    command: earlier ? `${earlier.command}; ${run.command}` : run.command,
    peers: { ...earlier?.peers, ...run.peers },
    codecs,
    summary: summarise(fields, codecs),
    fields,
  };
}

function ofOurs({ date, commit, uncommittedChanges, node }) {
  return { date, commit, uncommittedChanges, node };
}

function keptFields(earlier, withoutOurs) {
  const fields = earlier?.fields ?? [];
  if (!withoutOurs) return fields;
  return fields.map((field) => ({
    ...field,
    codecs: Object.fromEntries(Object.entries(field.codecs).filter(([name]) => !isOurs(name))),
  }));
}

function checkSame(earlier, run) {
  const refuse = (what) => {
    throw new Error(`the earlier result is of another ${what}; measure without --add`);
  };
  if (JSON.stringify(earlier.machine) !== JSON.stringify(run.machine)) refuse("machine");
  for (const [name, version] of Object.entries(run.peers)) {
    if ((earlier.peers[name] ?? version) !== version) refuse(`version of ${name}`);
  }
}
