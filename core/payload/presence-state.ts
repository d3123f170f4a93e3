/** The presence states that people choose and see, to and from the documents that travel. */

export { type PublishedState, type SeenState, stateToPidf, type StateToWrite } from "./published-state.ts";
export { pidfToState, type SeenPresence } from "./seen-state.ts";
