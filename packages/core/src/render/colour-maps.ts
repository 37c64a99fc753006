/**
 * Colour maps made for science: perceptually uniform, and legible to people who do not see all colours.
 * Every 5th colour of viridis, inferno (S. van der Walt, N. Smith; CC0), cividis (Nunez, Anderton, Renslow 2018;
 * CC0) and of thermal, haline, ice, balance, phase (cmocean: Thyng et al. 2016; MIT), between which is interpolated.
 */

/** An opaque colour, each part 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

export type ColourMapKind = "sequential" | "diverging" | "cyclic";

const hexadecimal = {
  viridis:
    "44015446085c471063481769481d6f482475472a7a46307e453781433d844142873f48893d4e8a3a538b38598c355e8d33638d31688e2e6d8e2c718e2a768e297b8e27808e25848e23898e218e8d20928c1f978b1e9c891fa18821a58524aa8328ae802eb37c35b7793dbc7446c06f50c46a5ac86465cb5e70cf577cd25089d54895d840a2da37b0dd2fbddf26cae11fd8e219e5e419f1e51dfde725",
  cividis:
    "00224e002656002a5f002d68003070083370163770203a6f273e6e2e416d34456c3a486c3f4c6c444f6c49536c4e566c535a6d575d6d5c616e60646f656870696b716d6f727272747676767a7a787e7d788381798885788d8878928c789690779b9476a09875a59c74aaa073afa471b5a86fbaac6dbfb06bc4b468c9b965cfbd62d4c15fdac65bdfca57e5cf52ead34cf0d846f6dd3ffce236fee838",
  inferno:
    "00000402020c0504170a072210092d160b391e0c45260c512f0a5b380962400a67490b6a510e6c59106e61136e69166e71196e781c6d801f6c88226a902568982766a02a63a82e5fb0315bb73557bf3952c63d4dcc4248d34743d94d3ddf5337e45a31e9612bed6925f1711ff47918f78212f98b0bfa9407fb9d07fca60cfcb014fbba1ffac42af8cd37f6d746f4e156f2ea69f2f27df5f992fcffa4",
  thermal:
    "04233305273d062a47082d520b305d0f326a1633771e348427349133339b3e349f4736a050399e583c9c5f3f996643976d46947449927a4c91814f8f88528d8f548c96578a9d5988a55c86ac5e83b46080bb627dc36579ca6774d16a6fd86d6adf7064e5745eeb7958ef7e52f3834cf68a47f99143fa983ffb9f3dfca73cfcaf3cfbb73dfabf3ff9c842f7d045f5d849f2e14defe951ecf256e8fa5b",
  haline:
    "2a186c2c1a782e1b842e1d912d209c2927a22230a31c39a016409d11479a0d4d970c52940d5792105c9014618e18658d1c6a8c206e8b24728a2876892b7b892f7f89328388358888388c883a90873d95873f9986429e8545a38448a7824cac8050b07e54b57b5ab9785fbe7566c2716ec66d77ca6880ce648bd16097d45da3d75cafd95dbbdb61c6de66d0e06ddae375e3e67eece987f5ec90fdef9a",
  ice: "040613080a1a0d0e2112132817172f1b1b371f1f3e24224628264e2c2a552f2e5e33326636356e3939763b3e7f3d42873e478f3f4b963f519d3f56a23e5ca73e61ab3e67af3f6cb24072b44178b6437db84682ba4988bc4c8dbe5092c05498c2589dc35da2c561a8c767adc96cb2cb72b8ce78bdd07fc2d286c7d48eccd697d1d9a0d6dca9dadfb3dfe3bce4e7c6e8ebcfedefd8f2f4e1f7f9eafdfd",
  balance:
    "181c431d2352212a62253073283784293e972745a91f4eb81059be0a64be136ebc2178bb2e81ba3b89ba4892ba569abb65a2bc75aabe85b1c094b8c4a4bfc9b3c7cec1cfd4d0d7dadee0e1ebe9e9efe8e6eadcd8e5d0cae1c4bbdeb9addaad9ed7a290d39681d08b73cd7f65c97458c5684bc15c3fbd5034b8432bb23525ab2924a11d259714288b0f297e0e29700e27630e23560e1e490c183c0912",
  phase:
    "a8780daf7316b66e1ebd6926c2642ec85e37cd583fd15249d54b53d9455edc3d6bde3678df2f87de2997dd26a6da26b6d529c4d02fd0c937dbc23fe4b948ebb050efa759f39c60f49168f4856ff27875ef6b7be95d81e34f86da428ad1368dc72c90bc2492b21e93a819959e15969411978a0d98800b9975119a691c9a5b2b9a4c3c993c4f962c61931e728f147f8b0f8b860d95820d9f7d0da8780d",
  grey: "101010f4f4f4",
} as const;

export type ColourMapName = keyof typeof hexadecimal;

export const colourMapNames = Object.keys(hexadecimal) as readonly ColourMapName[];

export function colourMapKind(name: ColourMapName): ColourMapKind {
  if (name === "balance") return "diverging";
  return name === "phase" ? "cyclic" : "sequential";
}

const anchors = new Map<ColourMapName, readonly Colour[]>();

function anchorsOf(name: ColourMapName): readonly Colour[] {
  let found = anchors.get(name);
  if (!found) {
    const parts = hexadecimal[name].match(/../g)!.map((part) => Number.parseInt(part, 16));
    found = Array.from(
      { length: parts.length / 3 },
      (_, k) => parts.slice(3 * k, 3 * k + 3) as unknown as Colour,
    );
    anchors.set(name, found);
  }
  return found;
}

/** The colour at `share` of the map, which is held between 0 and 1; parts are not rounded. */
export function colourAt(name: ColourMapName, share: number): Colour {
  const list = anchorsOf(name);
  const place = Math.min(1, Math.max(0, share)) * (list.length - 1);
  const low = Math.min(list.length - 2, Math.floor(place));
  const part = place - low;
  const mix = (k: 0 | 1 | 2) => list[low][k] + (list[low + 1][k] - list[low][k]) * part;
  return [mix(0), mix(1), mix(2)];
}
