import type { WorkerPool } from "@fieldzip/core";
import type { Measurer } from "./data/measures.js";
import type { SessionLoader } from "./data/session.js";
import type { Store } from "./state/store.js";
import type { ViewState } from "./state/view-state.js";

/** What every part of the page is given. */
export interface Page {
  readonly view: Store<ViewState>;
  readonly session: SessionLoader;
  readonly measurer: Measurer;
  readonly pool: WorkerPool;
  /** Says something once, to people who see and to those who listen. */
  announce(message: string): void;
}
