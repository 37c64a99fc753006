import {
  countForm,
  flagForm,
  listOf,
  oneOf,
  pictureForms,
  type TextForm,
} from "@fieldzip/core/render";
import { defaultState, differences, themes, type ViewState } from "./view-state.js";

const text: TextForm<string> = { write: (value) => value, read: (value) => value };

/** Every part by its name in the link. The locations stand in the query, the view in the fragment. */
const parts: { readonly [Key in keyof ViewState]-?: TextForm<NonNullable<ViewState[Key]>> } = {
  a: text,
  b: text,
  variable: text,
  other: text,
  step: countForm,
  others: listOf(countForm, 8),
  ...pictureForms,
  difference: oneOf(differences),
  showDifference: flagForm,
  theme: oneOf(themes),
};

const inQuery: readonly (keyof ViewState)[] = ["a", "b"];

/** The query and fragment that hold a state: only what is not as it is by default. */
export function linkOf(state: ViewState): { query: string; fragment: string } {
  const query = new URLSearchParams();
  const fragment = new URLSearchParams();
  for (const key of Object.keys(parts) as (keyof ViewState)[]) {
    const value = state[key];
    if (value === undefined) continue;
    const written = write(key, value);
    const standard = defaultState[key];
    if (standard !== undefined && written === write(key, standard)) continue;
    (inQuery.includes(key) ? query : fragment).set(key, written);
  }
  return { query: readable(query), fragment: readable(fragment) };
}

/** The state that a link holds; what it does not say, or says wrongly, is as it is by default. */
export function stateOf(query: string, fragment: string): ViewState {
  const found: Record<string, unknown> = { ...defaultState };
  const inLink = {
    query: new URLSearchParams(query),
    fragment: new URLSearchParams(fragment.replace(/^#/, "")),
  };
  for (const key of Object.keys(parts) as (keyof ViewState)[]) {
    const written = (inQuery.includes(key) ? inLink.query : inLink.fragment).get(key);
    if (written === null) continue;
    const value = parts[key].read(written);
    if (value !== undefined) found[key] = value;
  }
  return found as unknown as ViewState;
}

function write<Key extends keyof ViewState>(key: Key, value: NonNullable<ViewState[Key]>): string {
  return (parts[key] as TextForm<NonNullable<ViewState[Key]>>).write(value);
}

/** Commas, colons and slashes need no escape where they stand, and links are read by people. */
function readable(parameters: URLSearchParams): string {
  return parameters.toString().replace(/%2C/g, ",").replace(/%3A/g, ":").replace(/%2F/g, "/");
}
