import {
  type Attributes,
  compress,
  Dataset,
  extractBox,
  type VariableSource,
} from "@fieldzip/core";
import { createArchive } from "@fieldzip/io";
import { registerNeuralPredictor } from "@fieldzip/neural";

/** A run of two variables on a grid of 24 x 20 x 28 at 3 steps, and one on a map with gaps; `noise` is added to it. */
export async function writeRun(path: string, noise = 0): Promise<void> {
  const [nt, nz, ny, nx] = [3, 20, 24, 28];
  const field = (phase: number) => {
    const values = new Float32Array(nt * nz * ny * nx);
    let i = 0;
    for (let t = 0; t < nt; t++) {
      for (let z = 0; z < nz; z++) {
        for (let y = 0; y < ny; y++) {
          for (let x = 0; x < nx; x++) {
            const [a, b, c] = [(2 * x) / nx - 1, (2 * y) / ny - 1, (2 * z) / nz - 1];
            const radius = Math.hypot(a, b * 1.3, c);
            const wave = Math.cos(7 * radius - phase - 0.6 * t) * Math.exp(-radius);
            values[i] = 2 + wave + noise * (((i * 7919) % 101) / 101 - 0.5);
            i++;
          }
        }
      }
    }
    return values;
  };
  const map = Float32Array.from({ length: ny * nx }, (_, i) => {
    const [x, y] = [i % nx, Math.floor(i / nx)];
    return (x - 14) ** 2 + (y - 12) ** 2 < 25 ? Number.NaN : 280 + 0.5 * x + Math.sin(y / 3);
  });
  const texts = (names: Record<string, string>): Attributes =>
    Object.fromEntries(
      Object.entries(names).map(([name, value]) => [name, { type: "string", values: [value] }]),
    );
  const variables = [
    source(
      "rho",
      [nt, nz, ny, nx],
      ["time", "z", "y", "x"],
      field(0),
      texts({ units: "kg m-3", long_name: "density" }),
    ),
    source("prs", [nt, nz, ny, nx], ["time", "z", "y", "x"], field(2), texts({ units: "Pa" })),
    source(
      "ts",
      [ny, nx],
      ["y", "x"],
      map,
      texts({ units: "K", long_name: "surface temperature" }),
    ),
    source("time", [nt], ["time"], Float64Array.of(0, 0.5, 1), texts({ units: "s" })),
    source("z", [nz], ["z"], places(nz), texts({ units: "m" })),
    source("y", [ny], ["y"], places(ny), texts({ units: "m" })),
    source("x", [nx], ["x"], places(nx), texts({ units: "m" })),
  ];
  const dataset = new Dataset({
    format: "memory",
    location: "memory",
    dimensions: Object.entries({ time: nt, z: nz, y: ny, x: nx }).map(([name, size]) => ({
      name,
      size,
    })),
    groups: [{ path: "", attributes: {} }],
    variables,
    close: async () => {},
  });
  await compress(dataset, await createArchive(path), { chunkValues: 5000 });
}

/** Waves that a network holds, trained for a moment, on more places than a small pane shows. */
export async function writeNetworks(path: string, [nz, ny, nx]: readonly number[]): Promise<void> {
  registerNeuralPredictor();
  const values = Float32Array.from({ length: nz * ny * nx }, (_, i) => {
    const [z, y, x] = [Math.floor(i / (ny * nx)), Math.floor(i / nx) % ny, i % nx];
    return Math.sin((6 * x) / nx) * Math.cos((5 * y) / ny) + z / nz;
  });
  const dataset = new Dataset({
    format: "memory",
    location: "memory",
    dimensions: Object.entries({ z: nz, y: ny, x: nx }).map(([name, size]) => ({ name, size })),
    groups: [{ path: "", attributes: {} }],
    variables: [source("rho", [nz, ny, nx], ["z", "y", "x"], values, {})],
    close: async () => {},
  });
  await compress(dataset, await createArchive(path), {
    predictor: "neural",
    guarantee: { kind: "best-effort", goal: {} },
    settings: {
      network: { kind: "fourier", frequencies: 4, width: 16, hidden: 1 },
      sampling: "stride:8",
      epochs: 1,
      // Its picture is compared: on every machine the same.
      reproducible: true,
    },
  });
}

function places(count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, k) => k / count);
}

function source(
  name: string,
  shape: number[],
  dimensions: string[],
  values: Float32Array | Float64Array,
  attributes: Attributes,
): VariableSource {
  const dataType = values instanceof Float32Array ? "float32" : "float64";
  return {
    ...{ name, dataType, shape, dimensions, attributes },
    readBox: async (box) => extractBox(dataType, values, shape, box),
  };
}
