/** Shortest password that an account may have. */
export const MIN_PASSWORD_LENGTH = 6;
