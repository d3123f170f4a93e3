/** QR codes (ISO/IEC 18004) as letters for a terminal and as a path for a picture. */
import { encode, renderUnicodeCompact } from "uqr";

/** Light modules around a code, without which cameras do not find it. */
const QUIET = 4;

/** A picture of dark squares on light ground. */
export interface QrPicture {
  /** Modules along each side, the quiet zone included. */
  readonly size: number;
  /** The dark modules as the `d` of an SVG path, one unit a module. */
  readonly path: string;
}

/** Lines of block letters, two modules a letter; light modules are drawn, as most terminals have a dark ground. */
export function qrLines(text: string): string {
  return renderUnicodeCompact(text, { border: QUIET / 2 });
}

export function qrPicture(text: string): QrPicture {
  const { data, size } = encode(text, { border: QUIET });
  const squares = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return { size, path: squares.join("") };
}
