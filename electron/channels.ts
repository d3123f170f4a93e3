/** Names of the two ways between window and main process. */
export const INVOKE = "hallway:invoke";
export const EVENT = "hallway:event";
