import type { Geometry } from "@fieldzip/kernels";
import {
  decodeClassesReference,
  decodeMaskReference,
  fromOrdered,
  predictedToOrdered,
  ringPlacesReference,
  snapReference,
  solveReference,
  unpackBitsReference,
} from "@fieldzip/kernels/reference";
import type { FloatArray, FloatType } from "../../src/array/data-type.js";
import { activityMap, type ClassModel } from "../../src/entropy/class-model.js";
import { readSideInformation } from "../../src/predictors/mechanism-solve/side-information.js";
import { sectionKinds } from "../../src/stream/header.js";

/** A stream of `mechanism-solve` decoded by plain loops, straight from `spec/stream.md`. */
export function decodeSolveReference(
  section: (kind: number) => Uint8Array,
  dataType: FloatType,
): FloatArray {
  const side = readSideInformation(section(sectionKinds.sideInformation), dataType);
  const { sections, height, width, dropped, operators, grids, fill, models } = side;
  const places = ringPlacesReference(height, width);
  const area = height * width;

  const mask = fill
    ? decodeMaskReference(
        section(sectionKinds.mask),
        { outer: 1, depth: sections, height, width, bands: 1 },
        sections * area,
      )
    : undefined;
  const residuals = decodeIntegers(
    section(sectionKinds.residualClasses),
    section(sectionKinds.residualBits),
    models.residual,
    [sections, height, width],
    mask,
  );
  const boundaryBytes = section(sectionKinds.boundaryData);
  const [boundaryClasses, boundaryBits] = [u32(boundaryBytes, 0), u32(boundaryBytes, 4)];
  const boundary = decodeIntegers(
    boundaryBytes.slice(8, 8 + boundaryClasses),
    boundaryBytes.slice(8 + boundaryClasses, 8 + boundaryClasses + boundaryBits),
    models.boundary,
    [sections, 1, places.length],
  );
  const apart = new Float64Array(boundaryBytes.slice(8 + boundaryClasses + boundaryBits).buffer);
  const sourceBytes = section(sectionKinds.sourceTerm);
  const source = decodeIntegers(
    sourceBytes.slice(4, 4 + u32(sourceBytes, 0)),
    sourceBytes.slice(4 + u32(sourceBytes, 0)),
    models.source,
    [sections, height - 2, width - 2],
  );

  const bits: bigint[] = [];
  let [nextRing, nextSource, nextApart] = [0, 0, 0];
  for (let s = 0; s < sections; s++) {
    const f = new Float64Array(area);
    let sum = 0n;
    for (const place of places) {
      sum += unzigzag(boundary[nextRing++]);
      f[place] = Number(sum);
    }
    for (let y = 1; y < height - 1; y++)
      for (let x = 1; x < width - 1; x++)
        f[y * width + x] = Number(unzigzag(source[nextSource++])) * 2 ** dropped;
    const solution = solveReference({
      height,
      width,
      operator: operators[s % operators.length],
      source: f,
      level: grids[s].level,
      nextApart: () => {
        nextApart += 2;
        return [apart[nextApart - 2], apart[nextApart - 1]];
      },
    });
    for (const solved of solution) {
      const product = grids[s].origin + snapReference(solved) * grids[s].step;
      const predicted = dataType === "float32" ? Math.fround(product) : product;
      const ordered = predictedToOrdered(predicted, dataType) + unzigzag(residuals[bits.length]);
      bits.push(fromOrdered(ordered, dataType));
    }
  }
  const values =
    dataType === "float32"
      ? new Float32Array(Uint32Array.from(bits, Number).buffer)
      : new Float64Array(BigUint64Array.from(bits).buffer);
  const bytes = new Uint8Array(values.buffer);
  mask?.forEach((masked, i) => {
    if (masked) bytes.set(fill!, i * fill!.length);
  });
  return values;
}

function decodeIntegers(
  classes: Uint8Array,
  bits: Uint8Array,
  model: ClassModel,
  [depth, height, width]: readonly [number, number, number],
  mask?: Uint8Array,
): bigint[] {
  const geometry: Geometry = { outer: 1, depth, height, width, bands: 1 };
  const contexts = {
    map: activityMap(model),
    frequencies: model.contexts.map(({ frequencies }) => frequencies),
  };
  return unpackBitsReference(bits, decodeClassesReference(classes, geometry, contexts, mask));
}

function unzigzag(zigzagged: bigint): bigint {
  return zigzagged & 1n ? -((zigzagged + 1n) >> 1n) : zigzagged >> 1n;
}

function u32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
}
