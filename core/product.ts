/** Named in User-Agent, Server and `--version`. */
export const PRODUCT = "Hallway/0.1.0";
