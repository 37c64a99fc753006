/** What single fields come to together: means, and how ours compare with the peers field by field. */
import { geometricMean } from "../machine.mjs";

/** What our codecs are asked for: every effort, and MeLLoC as published. All other names are peers'. */
export const requests = {
  "fieldzip fast": { effort: "fast" },
  "fieldzip default": { effort: "default" },
  "fieldzip max": { effort: "max" },
  "fieldzip mechanism-solve": { predictor: "mechanism-solve" },
};
export const ours = Object.keys(requests);

export function isOurs(codec) {
  return codec.startsWith("fieldzip ");
}

/**
 * Means over single fields; whole files repeat the values of their variables and stay apart.
 * @param {readonly string[]} codecs
 */
export function summarise(fields, codecs) {
  const single = fields.filter(({ whole }) => !whole);
  const hard = single.filter((field) => codecs.every((codec) => !(ratioOf(field, codec) > 10)));
  return {
    all: means(single, codecs),
    /** Where no codec exceeds 10: without masks, constants and the like, which drown the rest. */
    atMost10: means(hard, codecs),
    bestPeerPerField: { all: bestPeers(single, codecs), atMost10: bestPeers(hard, codecs) },
    comparisons: { all: comparisons(single, codecs), atMost10: comparisons(hard, codecs) },
  };
}

function means(fields, codecs) {
  const summary = {};
  for (const codec of codecs) {
    const done = fields.filter((field) => ratioOf(field, codec));
    if (done.length === 0) continue;
    const mean = (key) => round(geometricMean(done.map((field) => field.codecs[codec][key])));
    /** All bytes over all seconds: what a run over all of the fields would see. */
    const together = (key) => {
      const bytes = done.reduce((sum, field) => sum + field.bytes, 0);
      const time = done.reduce((sum, field) => sum + field.bytes / field.codecs[codec][key], 0);
      return round(bytes / time);
    };
    summary[codec] = {
      fields: done.length,
      ratio: mean("ratio"),
      compress: mean("compress"),
      decompress: mean("decompress"),
      compressTogether: together("compress"),
      decompressTogether: together("decompress"),
    };
  }
  return { fields: fields.length, codecs: summary };
}

function bestPeers(fields, codecs) {
  if (fields.length === 0 || codecs.every(isOurs)) return undefined;
  return round(geometricMean(fields.map((field) => bestPeerOf(field, codecs))));
}

/**
 * Quotients of ratios: the geometric mean over the fields, and the field where it is worst. Those
 * whose codecs did not do all of the fields are left out.
 */
function comparisons(fields, codecs) {
  if (fields.length === 0) return [];
  const complete = (codec) => fields.every((field) => ratioOf(field, codec));
  const [fast, standard, max, published] = ours;
  const peers = codecs.filter((codec) => !isOurs(codec));
  const [single] = peers
    .filter(complete)
    .map((codec) => [codec, geometricMean(fields.map((field) => ratioOf(field, codec)))])
    .sort((a, b) => b[1] - a[1])[0] ?? [undefined];
  const bestPeer = (field) => bestPeerOf(field, codecs);
  const found = [];
  const compare = (codec, name, other) => {
    if (!complete(codec) || !fields.every(other)) return;
    const quotients = fields.map((field) => ratioOf(field, codec) / other(field));
    const worst = quotients.indexOf(Math.min(...quotients));
    found.push({
      codec,
      against: name,
      mean: round(geometricMean(quotients)),
      worst: round(quotients[worst]),
      worstField: fields[worst].name,
      below: quotients.filter((quotient) => quotient < 1).length,
    });
  };
  for (const codec of [max, standard]) compare(codec, "best peer of each field", bestPeer);
  for (const codec of [max, standard]) {
    if (single) compare(codec, `best single peer, ${single}`, (field) => ratioOf(field, single));
  }
  compare(max, standard, (field) => ratioOf(field, standard));
  compare(fast, standard, (field) => ratioOf(field, standard));
  if (complete(published)) compare(standard, published, (field) => ratioOf(field, published));
  return found;
}

/** 0 where no peer did the field. */
function bestPeerOf(field, codecs) {
  return Math.max(
    0,
    ...codecs.filter((codec) => !isOurs(codec)).map((codec) => ratioOf(field, codec) ?? 0),
  );
}

/** Undefined where the codec failed or was not measured. */
function ratioOf(field, codec) {
  return field.codecs[codec]?.ratio;
}

function round(value) {
  return Number(value.toPrecision(4));
}
